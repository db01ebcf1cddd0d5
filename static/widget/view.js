import { icon, iconButton, initials, listEntries, buildEntry, updateBubble } from './entries.js';

const $ = (id) => document.getElementById(id);
const NEAR = 60;

// Elements are kept by key, so that a screen reader hears new entries only and nothing jumps.
export class Log {
  #nodes = new Map();
  #words; #actions; #box = $('log'); #list = $('list'); #older = $('older'); #newer = $('newer');

  constructor(words, actions) {
    this.#words = words;
    this.#actions = actions;
    this.#box.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#older.addEventListener('click', () => this.#loadOlder());
    this.#newer.addEventListener('click', () => this.toEnd());
    const follow = new ResizeObserver(() => this.#stuck && this.toEnd());
    for (const part of [this.#box, this.#list]) follow.observe(part);
  }

  #stuck = true;

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#newer.hidden = true;
    this.#stuck = true;
  }

  draw(entries, hasOlder) {
    const stuck = this.#stuck;
    const lastKey = this.#list.lastChild?.dataset.key;
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, node] of this.#nodes) if (!keys.has(key)) this.#remove(key, node);
    let next = this.#list.firstChild;
    for (const entry of entries) {
      const node = this.#nodes.get(entry.key) || this.#build(entry);
      if (entry.kind === 'bubble') updateBubble(node, entry, this.#words, this.#actions);
      else node.refresh?.(entry);
      if (node === next) next = next.nextSibling;
      else this.#list.insertBefore(node, next);
    }
    this.#older.hidden = !hasOlder;
    const last = entries.at(-1);
    if (stuck || (last?.pending && last.key !== lastKey)) this.toEnd();
    else if (last && lastKey && last.key !== lastKey) this.#newer.hidden = false;
  }

  #build(entry) {
    const node = ['upload', 'rating'].includes(entry.kind) ? this.#actions.special(entry) : buildEntry(entry, this.#words);
    node.dataset.key = entry.key;
    this.#nodes.set(entry.key, node);
    return node;
  }

  #remove(key, node) {
    node.remove();
    this.#nodes.delete(key);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    this.#stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#stuck) this.#newer.hidden = true;
    if (scrollTop < NEAR && !this.#older.hidden && !this.#stuck) this.#loadOlder();
  }

  #loadOlder() {
    this.#stuck = false;
    this.#actions.older();
  }
}

const LINES = 5;
const TYPING_EVERY = 3000;
const TYPING_ENDS = 4000;

export class Composer {
  // Enter, before anybody listened.
  early = $('field').value.endsWith('\n');
  #form = $('form'); #field = $('field'); #storage; #hooks; #typedAt = 0; #idle;

  constructor(storage, hooks) {
    this.#storage = storage;
    this.#hooks = hooks;
    const field = this.#field;
    const picker = $('picker');
    field.value ||= storage.get('draft') || '';
    field.addEventListener('input', () => this.#changed());
    field.addEventListener('keydown', (event) => this.#key(event));
    field.addEventListener('blur', () => this.#stop());
    field.addEventListener('paste', (event) => this.#paste(event));
    this.#form.addEventListener('submit', (event) => this.#submit(event));
    $('clip').addEventListener('click', () => picker.click());
    picker.addEventListener('change', () => this.#take([...picker.files], picker));
    this.fit();
  }

  focus() { this.#field.focus({ preventScroll: true }); }

  #changed() {
    this.fit();
    this.#storage.set('draft', this.#field.value);
    if (!this.#field.value.trim()) return this.#stop();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#stop(), TYPING_ENDS);
    if (Date.now() - this.#typedAt < TYPING_EVERY) return undefined;
    this.#typedAt = Date.now();
    return this.#hooks.onTyping(true);
  }

  #stop() {
    clearTimeout(this.#idle);
    if (this.#typedAt) this.#hooks.onTyping(false);
    this.#typedAt = 0;
  }

  // While an input method composes, Enter belongs to it; 229 is how Safari says so.
  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (!text) return;
    this.#field.value = '';
    this.#changed();
    this.#hooks.onSend(text);
    this.focus();
  }

  #paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.#take(files);
  }

  #take(files, picker) {
    this.#hooks.onFiles(files);
    if (picker) picker.value = '';
    this.focus();
  }

  fit() {
    const { style } = this.#field;
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(this.#field);
    style.height = 'auto';
    if (!this.#field.scrollHeight) return;
    const most = LINES * parseFloat(lineHeight) + parseFloat(paddingTop) + parseFloat(paddingBottom);
    style.height = `${Math.min(this.#field.scrollHeight, most)}px`;
    style.overflowY = this.#field.scrollHeight > most + 1 ? 'auto' : 'hidden';
    this.#form.classList.toggle('filled', !!this.#field.value.trim());
  }
}

export class View {
  #words; #log; #faces; #here;

  constructor(words, act) {
    this.#words = words;
    const { t } = words;
    document.title = t('chat');
    $('buttons').append(
      iconButton('end', t('end'), () => this.#ask(true), { id: 'end', hidden: true }),
      iconButton('down', t('close'), act.close, { id: 'close' }),
    );
    $('clip').append(icon('clip'));
    $('send').append(icon('send'));
    $('newer').append(t('newer'), icon('down'));
    for (const [id, key] of [['older', 'older'], ['question', 'endAsk'], ['yes', 'end'], ['no', 'endNo']]) $(id).textContent = t(key);
    for (const [id, key] of [['clip', 'attach'], ['send', 'send'], ['field', 'message'], ['log', 'conversation']]) $(id).setAttribute('aria-label', t(key));
    $('yes').addEventListener('click', () => { this.#ask(false); act.end(); });
    $('no').addEventListener('click', () => this.#ask(false));
    this.#log = new Log(words, act);
  }

  #ask(open) {
    $('ask').hidden = !open;
    (open ? $('no') : $('field')).focus();
  }

  draw({ conversation, outbox, uploads, theme, config, prompts }) {
    const { session, timelines, loading, link } = conversation;
    this.#header(session, theme, config);
    this.#welcome(theme, config);
    $('loading').hidden = !loading || timelines.length > 0;
    $('end').hidden = !session || session.status === 'ended';
    this.#log.draw(listEntries({ timelines: [...timelines, ...prompts], outbox, uploads, live: conversation.isLive || link === 'idle' }), conversation.hasOlder);
    this.#status(conversation);
    this.#faces ||= session?.assignedAgent?.avatar || timelines.some(({ messages }) => messages.some(({ metadata }) => metadata?.rich));
    if (this.#faces) import('./faces.js').then((faces) => faces.show(conversation));
    $('field').placeholder = this.#words.t(session?.status === 'ended' ? 'writeAgain' : 'write');
  }

  #header(session, theme, config) {
    const { t } = this.#words;
    const agent = session?.status === 'active' && session.assignedAgent;
    const team = theme.headerText || config?.appearance?.headerText || config?.name || t('team');
    const here = this.#here = config?.online;
    set($('team'), agent ? agent.name : team);
    set($('face'), initials(agent ? agent.name : team));
    set($('about'), agent ? team : config ? t(here ? 'here' : 'away') : '');
    $('face').classList.toggle('here', agent ? agent.isOnline !== false : !!here);
  }

  #welcome(theme, config) {
    const { offlineMessage, welcomeMessage } = config?.behavior || {};
    set($('welcome'), (this.#here === false && offlineMessage) || theme.welcomeMessage || welcomeMessage || this.#words.t('hello'));
  }

  #status({ session, typing, link }) {
    const { t } = this.#words;
    set($('lost'), link === 'down' ? t('offline') : '');
    set($('typing'), typing ? t('typing', { name: typing.name || t('someone') }) : '');
    set($('queue'), session?.status === 'waiting' ? this.#queue(session) : '');
  }

  #queue({ queuePosition, estimatedWaitTime, opensAt }) {
    const { t, exact } = this.#words;
    if (opensAt) return `${t('away')} (${exact(opensAt)})`;
    if (!queuePosition) return t('soon');
    // With nobody there, no number is true.
    const minutes = this.#here && Math.round(estimatedWaitTime / 60);
    const wait = minutes > 0 ? t('wait', { n: minutes }) : minutes === 0 ? t('waitShort') : '';
    return `${t('queue', { n: queuePosition })} ${wait}`;
  }

  toEnd() { this.#log.toEnd(); }
}

// The same text again would be read out again.
function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function guardKeys(isFull, close) {
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) {
      event.preventDefault();
      close();
    }
    if (event.key !== 'Tab' || !isFull()) return;
    const stops = [...document.querySelectorAll('a[href],button,input:not(.sr),textarea,[tabindex="0"]')].filter((node) => node.checkVisibility());
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (document.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  });
}
