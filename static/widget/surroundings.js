// The first state fixes the page's origin; nothing is heard from or said to another.
export function connectHost(onState) {
  const alone = parent === window;
  let origin;
  addEventListener('message', (event) => {
    if (alone || event.source !== parent || event.data?.parley !== 'state') return;
    origin ??= event.origin;
    const { options } = event.data;
    if (origin === event.origin) onState({ ...event.data, options: options.trim ? options : JSON.stringify(options) });
  });
  return {
    alone,
    post(parley, detail) {
      if (origin && origin !== 'null') parent.postMessage({ parley, detail }, origin);
    },
  };
}

export function applyTheme(color) {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return;
  const { style } = document.documentElement;
  style.setProperty('--brand', color);
  style.setProperty('--on-brand', luminance(color) > 0.1833 ? '#000' : '#fff');
}

// WCAG 2: up to 0.1833 white has 4.5:1; beyond, black has more.
function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Written out, so that the server finds them and hashes their names.
const WORDS = { en: () => import('./words-en.js'), vi: () => import('./words-vi.js'), uz: () => import('./words-uz.js') };

export async function loadWords(wanted) {
  const lang = WORDS[wanted] ? wanted : 'en';
  const { default: words } = await WORDS[lang]();
  const t = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  return { lang, t, ...times(lang, t), bytes: (size) => bytes(lang, size) };
}

function times(lang, t) {
  // Chromium has no Uzbek months ("M11").
  const nameless = /^M\d/.test(new Intl.DateTimeFormat(lang, { month: 'long' }).format(0));
  const format = (options, figures = options) => {
    const formatter = nameless ? new Intl.DateTimeFormat('ru', figures) : new Intl.DateTimeFormat(lang, options);
    return (when) => formatter.format(new Date(when));
  };
  const date = format({ day: 'numeric', month: 'long', year: 'numeric' }, { dateStyle: 'short' });
  const day = (when) => {
    const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 864e5);
    return [t('today'), t('yesterday')][ago] ?? date(when);
  };
  return { day, time: format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), exact: format({ dateStyle: 'long', timeStyle: 'short' }, { dateStyle: 'short', timeStyle: 'short' }) };
}

function bytes(lang, size) {
  const [unit, scale] = size >= 1048576 ? ['megabyte', 1048576] : ['kilobyte', 1024];
  return new Intl.NumberFormat(lang, { style: 'unit', unit, maximumFractionDigits: 1 }).format(size / scale);
}
