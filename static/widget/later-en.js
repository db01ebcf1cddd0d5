import words from './words-en.js';

Object.assign(words, {
  loading: 'Loading…', dismiss: 'Close this message',
  rate: 'How was this chat?', stars: '{n} of 5 stars', comment: 'Would you like to add something? (optional)', rateSend: 'Send rating',
  thanks: 'Thank you for your rating!', rateFailed: 'The rating was not sent.',
  tooLarge: '{name} is too large: at most {size}.', badType: '{name}: this type of file cannot be sent.', uploadFailed: '{name} was not uploaded.',
  uploading: 'Uploading {name}', drop: 'Drop the file to send it',
  maker: 'Powered by Parley',
});
