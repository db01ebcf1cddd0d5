import { h } from './entries.js';
import { style } from './later.js';

// Loaded where somebody has the chat: their picture stands in the place of their initials, and what a bot sent as
// cards is shown as cards.
style(`
.face { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: inherit; object-fit: cover; }
#face, .theirs .avatar { position: relative; }`);

const known = new Map();

export function show(conversation) {
  const { session, timelines } = conversation;
  const agent = session?.assignedAgent;
  if (agent) known.set(agent.id, agent.avatar);
  put(document.getElementById('face'), session?.status === 'active' && agent?.avatar);
  const messages = timelines.flatMap((timeline) => timeline.messages);
  if (messages.some(({ metadata }) => metadata?.rich)) import('./rich.js').then((rich) => rich.show(conversation, messages));
  for (const { id, senderId } of messages) {
    if (known.has(senderId)) put(document.querySelector(`[data-key="${id}"] .avatar`), known.get(senderId));
  }
}

function put(place, src) {
  const shown = place?.querySelector('.face');
  if (!place || shown?.getAttribute('src') === src) return;
  shown?.remove();
  if (src) place.append(h('img', { class: 'face', src, alt: '', onerror: ({ target }) => target.remove() }));
}
