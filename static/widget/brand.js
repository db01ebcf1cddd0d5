import { h } from './entries.js';
import { style } from './later.js';

// Loaded where the widget has a logo or names its maker.
style(`
#logo { flex: none; max-width: 96px; height: 40px; border-radius: 8px; object-fit: contain; }
#logo ~ #face { display: none; }
#maker { flex: none; margin: -6px 0 8px; color: var(--muted); font-size: 11px; text-align: center; }`);

export function dress({ logoUrl, showPoweredBy }, { t }) {
  for (const old of document.querySelectorAll('#logo, #maker')) old.remove();
  if (logoUrl) {
    const logo = h('img', { id: 'logo', src: logoUrl, alt: '', onerror: () => logo.remove() });
    document.getElementById('face').before(logo);
  }
  if (showPoweredBy) document.body.append(h('p', { id: 'maker' }, t('maker')));
}
