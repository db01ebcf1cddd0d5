import { PAGE } from './conversation.js';
import { Timeline } from './store.js';

// Loaded when somebody scrolls up: the page before the oldest entry, of the same session or of the one before it.
export async function loadOlder(conversation, api) {
  let [oldest] = conversation.timelines;
  if (oldest.complete) {
    oldest = new Timeline(await api.get(`sessions/${oldest.session.previousSessionId}`));
    conversation.timelines.unshift(oldest);
  }
  const before = oldest.first || oldest.session.lastSeq + 1;
  const messages = await api.get(`sessions/${oldest.id}/messages?beforeSeq=${before}&perPage=${PAGE}`);
  messages.forEach((message) => oldest.add(message));
}
