import { PAGE } from './conversation.js';
import './later.js';
import { Timeline } from './store.js';

const [log, list, button] = ['log', 'list', 'older'].map((id) => document.getElementById(id));
let loading = false;

// Loaded when somebody scrolls up: shows the entries before the oldest one, and what was in sight stays where it was.
export async function loadOlder(conversation, api, { t }, draw) {
  if (loading) return;
  loading = true;
  list.setAttribute('aria-busy', 'true'); // old entries are not news
  button.textContent = t('loading');
  const below = log.scrollHeight - log.scrollTop;
  await fetchOlder(conversation, api).catch(() => {});
  draw();
  await null; // drawn
  log.scrollTop = log.scrollHeight - below;
  button.textContent = t('older');
  list.removeAttribute('aria-busy');
  loading = false;
}

// The page before the oldest entry, of the same session or of the one before it.
async function fetchOlder(conversation, api) {
  let [oldest] = conversation.timelines;
  if (oldest.complete) {
    oldest = new Timeline(await api.get(`sessions/${oldest.session.previousSessionId}`));
    conversation.timelines.unshift(oldest);
  }
  const before = oldest.first || oldest.session.lastSeq + 1;
  const messages = await api.get(`sessions/${oldest.id}/messages?beforeSeq=${before}&perPage=${PAGE}`);
  messages.forEach((message) => oldest.add(message));
}
