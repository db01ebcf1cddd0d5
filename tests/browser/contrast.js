// Texts whose contrast is below 4.5: evaluated in the page, answers a list of problems.
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => { const [r, g, b] = [...c].slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const back = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return rgb('white'); };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility({opacityProperty: true, visibilityProperty: true}) || e.closest(':disabled, .sr, template, option')) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(back(e))].sort().reverse();
    const hi = Math.max(a, b), lo = Math.min(a, b);
    if ((hi + 0.05) / (lo + 0.05) < 4.5) poor.push(`${((hi + 0.05) / (lo + 0.05)).toFixed(2)} ${e.className} ${e.textContent.trim().slice(0, 30)}`);
  }
  return poor;
}
