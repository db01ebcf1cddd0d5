import { STYLE, cards, tel } from './cards.js';
import { h, link } from './entries.js';
import { style } from './later.js';

// Loaded where a bot has sent cards, quick replies or a sticker: they stand in the place of their words.
style(`${STYLE}
.choice { cursor: pointer; }
.choice:disabled { border-style: dashed; cursor: default; }
.choice[aria-pressed=true] { border: 2px solid; font-weight: 600; }`);

const NEAR = 60;

export function show(conversation, messages) {
  const said = new Set(messages.map(({ clientMessageId }) => clientMessageId));
  const log = document.getElementById('log');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  for (const message of messages) {
    const node = message.metadata?.rich && document.querySelector(`[data-key="${message.id}"]`);
    if (node) refresh(node.querySelector('.cards') || build(node, message, conversation), conversation, said);
  }
  // Cards are taller than their words: whoever is at the end stays there, and nothing is called new.
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function build(node, { id, metadata: { rich } }, conversation) {
  const box = cards(rich, (button, j, i) => choice(button, `click:${id.slice(4)}${rich.template_id === 'quick_replies' ? '' : `:${i}:${j}`}`, { messageId: id, element: i, button: j }, conversation));
  const words = node.querySelector('.bubble');
  if (words) words.replaceWith(box);
  else node.querySelector('.state').before(box);
  return box;
}

function choice({ type, text, value, postback_id: postback }, key, place, conversation) {
  const press = () => conversation.send({ id: key, content: text, type: 'text', attachments: [], metadata: { postback: place } });
  if (type !== 'message') return leading(type, text, value, postback && key, press);
  const button = h('button', { type: 'button', class: 'choice', 'data-click': key, 'data-text': text }, text);
  button.onclick = async () => {
    button.disabled = true;
    // What was refused or lost can be pressed again: the same click counts once.
    await press().catch(() => { button.disabled = false; });
  };
  return button;
}

// It leads there whatever becomes of the click; a bot that gave it a postback hears of the first one.
function leading(type, text, value, key, press) {
  const made = type === 'phone' ? h('a', { class: 'choice', href: tel(value) }, text) : link(value, text, null, { class: 'choice' });
  if (!key) return made;
  Object.assign(made.dataset, { click: key, text });
  made.addEventListener('click', () => {
    if ('done' in made.dataset) return;
    made.dataset.done = '';
    press().catch(() => { delete made.dataset.done; });
  });
  return made;
}

function refresh(box, { session, timelines }, said) {
  const ended = session?.status === 'ended';
  for (const button of box.querySelectorAll('[data-click]')) {
    const done = said.has(button.dataset.click);
    if (!done && !ended) continue;
    if (button.localName === 'a') {
      button.dataset.done = '';
      continue;
    }
    button.disabled = true;
    const answer = timelines.flatMap(({ messages }) => messages).find(({ clientMessageId }) => clientMessageId === button.dataset.click);
    button.setAttribute('aria-pressed', String(answer?.content === button.dataset.text));
  }
}
