// Loaded into the page at need: how the launcher looks beyond a round button, and proactive messages, which only the
// page can tell the moment of. What is said, and whether, the frame decides. docs/widget.md explains.
const CSS = `
aside{position:fixed;bottom:calc(88px + env(safe-area-inset-bottom));right:20px;display:flex;align-items:flex-start;gap:4px;box-sizing:border-box;width:max-content;max-width:min(300px,100vw - 40px);padding:4px 4px 4px 16px;border-radius:16px;border-end-end-radius:4px;background:Canvas;color:CanvasText;color-scheme:light dark;box-shadow:0 4px 24px #0004;font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.bottom-left>aside{border-end-end-radius:16px;border-end-start-radius:4px}
aside:empty,.open>aside,.wait>aside{display:none}
aside button{all:unset;box-sizing:border-box;cursor:pointer}
aside button:focus-visible{border-radius:8px}
.say{padding:10px 0 12px;overflow-wrap:anywhere;white-space:pre-line}
.say b{display:block;font-size:13px;font-weight:400;opacity:.72}
.no{flex:none;width:36px;height:36px;padding:8px;border-radius:50%;opacity:.72}
.no:hover{opacity:1}
.no svg{width:20px;height:20px}
@media (pointer:coarse){.no{width:44px;height:44px;padding:12px}}
@media (prefers-color-scheme:dark){aside{background:#22252d;color:#f0f1f5}}
@media (prefers-reduced-motion:no-preference){aside:not(:empty){animation:rise .2s ease-out}@keyframes rise{from{opacity:0;translate:0 8px}}}`;
const PILL = `
div:not(.open)>button{display:flex;align-items:center;gap:10px;width:auto;max-width:calc(100vw - 40px);padding-inline-end:22px;font:600 15px/24px system-ui,sans-serif}
button svg{flex:none}
div>button b{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.open>button b{display:none}`;
const CORNERS = { circle: 28, rounded: 16, square: 4 };
const TICK = 250;

function style(root, css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.getRootNode().adoptedStyleSheets.push(sheet);
  return sheet;
}

function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// --- Looks: `ready` once, `config` when another page has another widget ---

let looks;

export function ready({ look: { shape, text, radius } }, { root, button }) {
  looks ??= style(root, '');
  if (!root.getRootNode().adoptedStyleSheets.includes(looks)) looks = style(root, '');
  looks.replaceSync(`div>button{border-radius:${CORNERS[shape] ?? 28}px}.open>main{border-radius:${Number(radius) || 0}px}
@media (max-width:480px),(max-height:480px){.open>main{border-radius:0}}${text ? PILL : ''}`);
  button.querySelector('b')?.remove();
  if (text) button.append(h('b', {}, text));
  root.classList.remove('wait');
}

export const config = ready;

// --- Moments ---

let watching;

/** Watch for these from now on, instead of what was watched for: [{id, condition, delay, threshold}]. */
export function watch({ list }, parts) {
  watching?.abort();
  clear(parts.root);
  if (!list.length || parts.stop.signal.aborted) return;
  watching = new AbortController();
  const { signal } = watching;
  parts.stop.signal.addEventListener('abort', () => watching.abort(), { signal });
  const clock = new Clock(signal);
  const open = list.map((trigger) => ({ ...trigger, at: null }));
  const happened = (condition, suits = () => true) => open.filter((trigger) => trigger.condition === condition && suits(trigger)).forEach((trigger) => { trigger.at ??= performance.now(); });
  watchLeaving(() => happened('exit_intent'), signal);
  watchScroll((percent) => happened('scroll', ({ threshold }) => percent >= threshold), signal);
  clock.each(() => {
    const due = open.find((trigger) => isDue(trigger, clock));
    if (!due) return;
    open.splice(open.indexOf(due), 1);
    if (!open.length) watching.abort();
    parts.tell({ met: due.id });
  });
}

function isDue({ condition, delay, at }, { loaded, seen, idle }) {
  const waited = { page_load: loaded, returning_visitor: loaded, time_on_page: seen, idle }[condition] ?? (at === null ? -1 : performance.now() - at);
  return waited >= delay * 1000;
}

// Milliseconds since the page was there, since it was seen, since its visitor did something. Runs while it is seen.
class Clock {
  seen = 0;
  #begun = performance.getEntriesByType('navigation')[0]?.loadEventEnd || 0;
  #last = performance.now();
  #active = performance.now();
  #signal;

  constructor(signal) {
    this.#signal = signal;
    if (fresh) fresh = false;
    else this.#begun = this.#last; // a page that a script has drawn
    const acted = () => { this.#active = performance.now(); };
    for (const name of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll', 'touchmove']) addEventListener(name, acted, { capture: true, passive: true, signal });
    document.addEventListener('visibilitychange', () => { this.#last = this.#active = performance.now(); }, { signal });
  }

  get loaded() { return performance.now() - this.#begun; }
  get idle() { return performance.now() - this.#active; }

  each(look) {
    const timer = setInterval(() => {
      if (document.hidden) return;
      this.seen += performance.now() - this.#last;
      this.#last = performance.now();
      look();
    }, TICK);
    this.#signal.addEventListener('abort', () => clearInterval(timer));
  }
}

let fresh = true;

// With a mouse: it leaves through the top. With a finger: a quick flick back up, towards the address bar.
function watchLeaving(left, signal) {
  document.addEventListener('mouseout', (event) => { if (!event.relatedTarget && event.clientY <= 0) left(); }, { signal });
  if (!matchMedia('(pointer:coarse)').matches) return;
  let [top, since] = [scrollY, 0];
  addEventListener('scroll', () => {
    const now = performance.now();
    if (scrollY > top || now - since > 400) [top, since] = [scrollY, now];
    else if (top - scrollY > innerHeight / 2) left();
  }, { passive: true, signal });
}

// Of the page, or of what scrolls in its place.
function watchScroll(scrolled, signal) {
  addEventListener('scroll', ({ target }) => {
    const box = target.scrollingElement || target;
    const way = box.scrollHeight - box.clientHeight;
    if (way > 0 && box.clientHeight * 2 >= innerHeight) scrolled(Math.ceil(100 * box.scrollTop / way));
  }, { capture: true, passive: true, signal });
}

// --- The bubble ---

function clear(root) {
  root.querySelector('aside')?.replaceChildren();
}

/** Show a message beside the launcher, or without `text` take it away. */
export function prompt({ id, text, name, dismiss }, { root, button, turn, tell }) {
  let box = root.querySelector('aside');
  if (!box) {
    style(root, CSS);
    box = h('aside', { role: 'status' });
    root.prepend(box); // before the launcher in the order of keys
  }
  box.replaceChildren();
  if (!text) return;
  const away = () => {
    box.replaceChildren();
    tell({ dismissed: id });
    button.focus();
  };
  const say = h('button', { class: 'say' }, h('b', {}, name), text);
  const no = h('button', { class: 'no', 'aria-label': dismiss, title: dismiss }, cross());
  say.onclick = () => turn(true);
  no.onclick = away;
  box.onkeydown = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    away();
  };
  // A screen reader hears what changes in a region that was there.
  setTimeout(() => box.replaceChildren(say, no), 50);
}

function cross() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  path.setAttribute('d', 'M6 6l12 12M18 6L6 18');
  svg.append(path);
  return svg;
}
