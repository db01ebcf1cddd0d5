// Words that a first conversation can do without; whoever imports this has them. Written out, as in surroundings.js.
const WORDS = { en: () => import('./later-en.js'), vi: () => import('./later-vi.js'), uz: () => import('./later-uz.js') };

await (WORDS[document.documentElement.lang] || WORDS.en)();

// The same for styles: on top of frame.css.
export function style(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}
