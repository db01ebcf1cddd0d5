// Loaded where the widget is more than a plain one (`extras` in its configuration): looks, names, proactive messages.
let first = true;

// What the launcher is told beside the usual. It stays hidden until it looks as it should.
export function looks({ appearance, enabled }, { t }) {
  const { shape, buttonText: text, borderRadius: radius } = appearance;
  const look = { shape, text, radius };
  const told = { page: enabled, look, enabled: false, words: [text || t('open'), t('close'), t('unread')] };
  // Not once more when another page brings another widget.
  const again = first ? {} : { autoOpen: false };
  first = false;
  return { ...told, ...again };
}

export async function begin(config, prompts, parts) {
  const { appearance, behavior, byPage } = config;
  if (appearance.logoUrl || appearance.showPoweredBy || document.getElementById('logo')) {
    (await import('./brand.js')).dress(appearance, parts.words);
  }
  if (!byPage && !behavior.proactiveMessage?.enabled) return prompts;
  const { Prompts } = await import('./prompts.js');
  const begun = prompts ?? new Prompts(parts);
  begun.update(config);
  return begun;
}
