import words from './words-uz.js';

Object.assign(words, {
  loading: 'Yuklanmoqda…', dismiss: 'Xabarni yopish',
  rate: 'Suhbat sizga yoqdimi?', stars: '5 dan {n} yulduz', comment: 'Qoʻshimcha fikringiz bormi? (ixtiyoriy)', rateSend: 'Bahoni yuborish',
  thanks: 'Bahoingiz uchun rahmat!', rateFailed: 'Baho yuborilmadi.',
  tooLarge: '{name} juda katta: koʻpi bilan {size}.', badType: '{name}: bu turdagi faylni yuborib boʻlmaydi.', uploadFailed: '{name} yuklanmadi.',
  uploading: '{name} yuklanmoqda', drop: 'Yuborish uchun faylni shu yerga tashlang',
  maker: 'Parley asosida ishlaydi',
});
