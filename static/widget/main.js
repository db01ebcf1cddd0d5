/** Puts the parts together: the page around, what is stored, the conversation, the view. */
import { Conversation } from './conversation.js';
import { Delivery } from './delivery.js';
import { applyTheme, connectHost, loadWords } from './surroundings.js';
import { openApi } from './net.js';
import { h } from './entries.js';
import { Outbox, openStorage } from './store.js';
import { Composer, View, guardKeys } from './view.js';

const RETRY_LONGEST = 20000;

const key = new URLSearchParams(location.search).get('key') || '';
let options = {};
let page = { url: location.href, title: document.title, referrer: document.referrer };
let config = null;
let opened = false;
let full = false;
let unread = 0;
let drawing = false;
let started = false;
let latest;
let arrived;

// Listen before anything is waited for: the loader speaks once the frame has loaded, and only when something changes.
const hosted = new Promise((resolve) => { arrived = resolve; });
const host = connectHost((state) => {
  latest = state;
  arrived();
  if (started) follow(state);
});
if (host.alone) arrived();
const words = await loadWords(document.documentElement.lang);

const storage = openStorage(key, fromOtherTab);
const identity = () => storage.get('identity') || {};
const api = openApi({ lang: words.lang, bearer: () => identity().token || key });
const outbox = new Outbox(storage);
const conversation = new Conversation({ api, storage, onChange: draw, onMessage: announce, onOpen: linked, onGone: forget });
const delivery = new Delivery({ api, storage, outbox, conversation, describe, onChange: draw, onError: (error) => host.post('error', error) });
let files = null; // loaded with the first file
const view = new View(words, {
  close: () => host.post('turn', false),
  files: upload,
  end: () => conversation.end().catch(() => {}),
  retry(id) {
    outbox.retry(id);
    delivery.flush();
  },
  discard(id) {
    outbox.remove(id);
    draw();
  },
  older: () => conversation.loadOlder(),
  special: (entry) => (entry.kind === 'upload' ? files.build(entry, words) : rating(entry)),
});
const composer = new Composer(parts('form', 'field', 'picker', 'clip'), storage, {
  onSend: send,
  onFiles: upload,
  onTyping: (on) => conversation.tell(on ? 'typing.start' : 'typing.stop'),
});

// -- the page around ------------------------------------------------------------------------------------------------

function follow(state) {
  if (state.options !== options.text) {
    options = { ...JSON.parse(state.options), text: state.options };
    become();
  }
  const moved = state.page && state.page.url !== page.url;
  page = state.page || page;
  if (moved) conversation.page(page);
  full = state.full;
  document.documentElement.classList.toggle('full', full);
  turn(state.open);
}

function turn(open) {
  if (opened === open) return;
  opened = open;
  look();
  if (!open) return;
  view.toEnd();
  // A phone's keyboard would cover what there is to read.
  if (full) document.getElementById('close').focus();
  else composer.focus();
}

function look() {
  conversation.visible = opened && document.visibilityState === 'visible';
  conversation.see();
  draw();
}

/** Another customer on the same browser must not see the last one's conversation. */
function become() {
  const known = identity();
  const customerId = options.customerId || '';
  if (known.customerId && known.customerId !== customerId) {
    outbox.clear();
    storage.set('draft', '');
    storage.set('identity', { customerId });
    conversation.forget();
  } else storage.set('identity', { ...known, customerId });
  applyTheme(options.theme?.primaryColor || config?.appearance?.primaryColor);
  draw();
}

// -- the visitor ----------------------------------------------------------------------------------------------------

function send(text) {
  outbox.add(text);
  draw();
  view.toEnd();
  host.post('message', { senderType: 'visitor', content: text });
  delivery.flush();
}

async function upload(list) {
  const { Uploads } = await import('./files.js');
  files ??= new Uploads({ api, delivery, outbox, conversation, onChange: draw });
  list.forEach((file) => files.add(file, config?.maxFileBytes));
  view.toEnd();
}

function rating(entry) {
  const box = h('div', { class: 'rating' });
  const rate = (stars, comment) => conversation.rate(entry.timeline, stars, comment);
  import('./rating.js').then(({ fillRating }) => fillRating(box, entry, words, rate));
  return box;
}

/** The body of a new session. */
function describe() {
  const { customerId, identityToken, department, customer } = options;
  const source = { ...page, title: page.title.slice(0, 300) };
  return { source, visitor: customer, department, customerId: customerId && String(customerId), identityToken };
}

function announce({ id, senderType, senderName, content, sentAt }) {
  host.post('message', { id, senderType, senderName, content, sentAt });
}

/** The session or its token is no more: begin again, keeping what was not sent. */
function forget() {
  storage.set('identity', { customerId: identity().customerId });
  conversation.forget();
  delivery.flush();
}

function fromOtherTab(name) {
  const { sessionId, token } = identity();
  if (name === 'identity' && sessionId && sessionId !== conversation.current?.id) conversation.enter(sessionId, token).catch(() => {});
  if (name === 'identity' && !sessionId) conversation.forget();
  // The tab that sent it hears of it first; wait for this one's own socket, so that nothing blinks.
  setTimeout(draw, 300);
}

function linked() {
  conversation.page(page);
  delivery.flush();
}

// -- drawing --------------------------------------------------------------------------------------------------------

function draw() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    view.draw({ conversation, outbox, uploads: files?.items ?? [], theme: options.theme || {}, config });
    const count = conversation.unread.length;
    if (count !== unread) host.post('unread', unread = count);
  });
}

function parts(...ids) {
  return Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
}

// -- the start ------------------------------------------------------------------------------------------------------

/** Until it works: what fails for a while is tried again, what is refused is not. */
async function insist(work) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, RETRY_LONGEST)) {
    try { return await work(); } catch (error) {
      if (!error.temporary) throw error;
      await new Promise((again) => { setTimeout(again, wait * (0.5 + Math.random() / 2)); });
    }
  }
}

async function configure() {
  const query = new URLSearchParams({ domain: new URL(page.url).host, page: page.url });
  const open = openApi({ lang: words.lang, bearer: () => key });
  config = await insist(() => open.get(`widget/config?${query}`));
  const { appearance = {}, behavior = {} } = config;
  applyTheme(options.theme?.primaryColor || appearance.primaryColor);
  draw();
  host.post('ready', {
    words: ['open', 'close', 'unread'].map((word) => words.t(word)),
    color: appearance.primaryColor,
    position: appearance.position,
    enabled: config.enabled !== false,
    autoOpen: behavior.autoOpen,
  });
}

function wake() {
  conversation.wake();
  delivery.flush();
}

async function resume() {
  const { sessionId, token } = identity();
  if (sessionId && token) {
    await insist(() => conversation.enter(sessionId, token)).catch(forget);
  }
  delivery.flush();
}

await hosted;
started = true;
if (host.alone) {
  become();
  turn(true);
} else follow(latest);
for (const name of ['online', 'focus', 'pageshow']) addEventListener(name, wake);
document.addEventListener('visibilitychange', () => {
  look();
  if (document.visibilityState === 'visible') wake();
});
guardKeys(() => full, () => host.post('turn', false));
configure().catch(({ code, message }) => host.post('error', { code, message }));
resume();
