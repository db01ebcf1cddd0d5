// What has no name, or points nowhere: evaluated in the page, answers a list of problems.
() => {
  const problems = [];
  const named = (e) => (e.ariaLabel || e.innerText || e.textContent || e.title || '').trim()
    || e.querySelector('img[alt]')?.alt
    || (e.labels && [...e.labels].some((l) => l.textContent.trim()))
    || (e.getAttribute('aria-labelledby') || '').split(' ').some((id) => document.getElementById(id)?.textContent.trim());
  for (const e of document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea, summary, dialog'))
    if (!named(e)) problems.push('no name: ' + e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) problems.push('no alt: ' + e.outerHTML);
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) problems.push('twice: #' + id);
  for (const e of document.querySelectorAll('[aria-controls], [aria-describedby], [aria-labelledby], label[for]'))
    for (const name of ['aria-controls', 'aria-describedby', 'aria-labelledby', 'for'])
      for (const id of (e.getAttribute(name) || '').split(' ').filter(Boolean))
        if (!document.getElementById(id)) problems.push(name + ' leads nowhere: ' + id);
  if (document.querySelectorAll('main').length !== 1) problems.push('mains');
  if (document.querySelectorAll('h1').length !== 1) problems.push('h1s');
  return problems;
}
