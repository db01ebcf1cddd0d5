import words from './words-vi.js';

Object.assign(words, {
  loading: 'Đang tải…', dismiss: 'Đóng tin nhắn này',
  rate: 'Bạn thấy cuộc trò chuyện này thế nào?', stars: '{n} trên 5 sao', comment: 'Bạn muốn chia sẻ thêm điều gì? (không bắt buộc)', rateSend: 'Gửi đánh giá',
  thanks: 'Cảm ơn bạn đã đánh giá!', rateFailed: 'Chưa gửi được đánh giá.',
  tooLarge: '{name} quá lớn: tối đa {size}.', badType: '{name}: không gửi được loại tệp này.', uploadFailed: 'Chưa tải lên được {name}.',
  uploading: 'Đang tải lên {name}', drop: 'Thả tệp vào đây để gửi',
  maker: 'Vận hành bởi Parley',
});
