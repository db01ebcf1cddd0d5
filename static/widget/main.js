import { Conversation } from './conversation.js';
import { applyTheme, connectHost, loadWords } from './surroundings.js';
import { openApi } from './net.js';
import { h } from './entries.js';
import { Delivery, Outbox } from './outbox.js';
import { openStorage } from './store.js';
import { Composer, View, guardKeys } from './view.js';

const RETRY_LONGEST = 20000;
const STALE = 60000;

const key = new URLSearchParams(location.search).get('key') || '';
let options = {};
let page = { url: location.href, title: document.title, referrer: document.referrer };
let config = null;
let opened = false;
let full = false;
let unread = 0;
let drawing = false;
let started = false;
let prompts; // loaded where the site has proactive messages
let latest;
let arrived;

// Listen first: the loader speaks when the frame has loaded.
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
  end: () => conversation.end().catch(() => {}),
  retry(id) {
    outbox.retry(id);
    delivery.flush();
  },
  discard(id) {
    outbox.remove(id);
    draw();
  },
  older: () => import('./older.js').then(({ loadOlder }) => loadOlder(conversation, api, words, draw)),
  special: (entry) => (entry.kind === 'upload' ? files.build(entry, words) : rating(entry)),
});
const composer = new Composer(storage, {
  onSend: send,
  onFiles: upload,
  onTyping: (on) => conversation.tell(on ? 'typing.start' : 'typing.stop'),
});

function follow(state) {
  if (state.options !== options.text) {
    options = { ...JSON.parse(state.options), text: state.options };
    become();
  }
  const moved = state.page && state.page.url !== page.url;
  page = state.page || page;
  if (moved) navigate();
  full = state.full;
  document.documentElement.classList.toggle('full', full);
  turn(state.open);
  prompts?.hear(state);
}

function navigate() {
  conversation.page(page);
  if (config?.byPage) configure().catch(() => {});
  else count('view');
}

const counted = [];

function count(event, triggerId) {
  if (!counted.length) setTimeout(report, 2000);
  counted.push({ event, page: page.url, triggerId });
}

function report() {
  if (counted.length) api.post('widget/events', { events: counted.splice(0) }, true).catch(() => {});
}

function turn(open) {
  if (opened === open) return;
  opened = open;
  look();
  const news = storage.get('open') !== open;
  storage.set('open', open);
  if (!open) return;
  refresh().catch(() => {});
  if (news) count('open');
  view.toEnd();
  composer.fit();
  if (full) document.getElementById('close').focus();
  else if (news) composer.focus();
}

function look() {
  conversation.visible = opened && document.visibilityState === 'visible';
  conversation.see();
  draw();
}

function become() {
  const known = identity();
  const customerId = options.customerId || '';
  if (known.customerId && known.customerId !== customerId) {
    outbox.clear();
    storage.set('draft', '');
    storage.set('identity', { customerId });
    conversation.forget();
  } else {
    storage.set('identity', { ...known, customerId });
    delivery.flush().then(identify);
  }
  applyTheme(options.theme?.primaryColor || config?.appearance?.primaryColor);
  draw();
}

function identify() {
  if (conversation.current && (options.customerId || options.customer)) import('./identify.js').then((tell) => tell.identify({ api, storage, conversation, describe, host }));
}

function send(text) {
  outbox.add(text);
  draw();
  view.toEnd();
  host.post('message', { senderType: 'visitor', content: text });
  delivery.flush();
}

async function upload(list) {
  const { Uploads, takeDrops } = await import('./files.js');
  if (!files) takeDrops(upload, words);
  files ??= new Uploads({ api, delivery, outbox, conversation, onChange: draw });
  list.forEach((file) => files.add(file, config?.maxFileBytes));
  if (list.length) view.toEnd();
}

function rating(entry) {
  const box = h('div', { class: 'rating' });
  const rate = (stars, comment) => conversation.rate(entry.timeline, stars, comment);
  import('./rating.js').then(({ fillRating }) => fillRating(box, entry, words, rate));
  return box;
}

function describe() {
  const { customerId, identityToken, department, customer } = options;
  const source = { ...page, title: page.title.slice(0, 300) };
  return { source, visitor: customer, department, customerId: customerId && String(customerId), identityToken, ...prompts?.mark() };
}

function announce({ id, senderType, senderName, content, sentAt }) {
  host.post('message', { id, senderType, senderName, content, sentAt });
}

function forget() {
  storage.set('identity', { customerId: identity().customerId });
  conversation.forget();
  delivery.flush();
}

function fromOtherTab(name) {
  const { sessionId, token } = identity();
  if (name === 'identity' && sessionId && sessionId !== conversation.current?.id) conversation.enter(sessionId, token).catch(() => {});
  if (name === 'open' && !(full && storage.get('open'))) host.post('turn', storage.get('open'));
  if (name === 'identity' && !sessionId) conversation.forget();
  setTimeout(draw, 300);
}

function linked() {
  conversation.page(page);
  delivery.flush();
}

function draw() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    view.draw({ conversation, outbox, uploads: files?.items ?? [], theme: options.theme || {}, config, prompts: prompts?.entries() ?? [] });
    const count = conversation.unread.length;
    if (count !== unread) host.post('unread', unread = count);
  });
}

async function insist(work) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, RETRY_LONGEST)) {
    try { return await work(); } catch (error) {
      if (!error.temporary) throw error;
      await new Promise((again) => { setTimeout(again, wait * (0.5 + Math.random() / 2)); });
    }
  }
}

let asked = 0;

function ask() {
  asked = Date.now();
  const { url } = page;
  const query = new URLSearchParams({ domain: new URL(url).host, page: url });
  return openApi({ lang: words.lang, bearer: () => key }).get(`widget/config?${query}`);
}

// Whether the team is there changes while a page stays open.
async function refresh() {
  const { url } = page;
  if (!opened || !config || Date.now() - asked < STALE) return;
  const found = await ask();
  if (url !== page.url) return;
  config = found;
  draw();
}

async function configure() {
  const { url } = page;
  const found = await insist(ask);
  if (url !== page.url) return configure();
  const name = config ? 'config' : 'ready';
  config = found;
  const { appearance = {}, behavior = {}, enabled } = config;
  applyTheme(options.theme?.primaryColor || appearance.primaryColor);
  draw();
  const extras = config.extras ? await import('./extras.js') : null;
  host.post(name, {
    words: ['open', 'close', 'unread'].map((word) => words.t(word)),
    color: appearance.primaryColor,
    position: appearance.position,
    enabled,
    autoOpen: storage.get('open') ?? behavior.autoOpen,
    ...extras?.looks(config, words),
  });
  if (enabled) count('view');
  prompts = await extras?.begin(config, prompts, { storage, host, conversation, outbox, words, count, onChange: draw });
}

function wake() {
  refresh().catch(() => {});
  conversation.wake();
  delivery.flush();
}

async function resume() {
  const { sessionId, token } = identity();
  if (sessionId && token) {
    await insist(() => conversation.enter(sessionId, token)).catch(forget);
  }
  identify();
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
addEventListener('pagehide', report);
addEventListener('dragenter', () => upload([]), { once: true });
guardKeys(() => full, () => host.post('turn', false));
configure().catch(({ code, message }) => host.post('error', { code, message }));
resume();
if (composer.early) document.forms[0].requestSubmit();
