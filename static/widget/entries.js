export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  down: 'M6 9l6 6 6-6',
  send: 'M12 19V5M6 11l6-6 6 6',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.3 17a1.7 1.7 0 0 1-2.4-2.4L14 7.5',
  end: 'M12 3v8M17.7 6.3a8 8 0 1 1-11.4 0',
  file: 'M14 3H6v18h12V7zM14 3v4h4',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(SVG, 'path'));
  svg.firstChild.setAttribute('d', PATHS[name] || name);
  return svg;
}

export function iconButton(name, label, onclick, attributes = {}) {
  return h('button', { type: 'button', class: 'icon', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
}

export function initials(name) {
  const parts = (name || '?').trim().split(/\s+/);
  return [parts[0], parts.length > 1 ? parts.at(-1) : ''].map((part) => [...part][0] || '').join('').toUpperCase();
}

const LINK = /\bhttps?:\/\/[^\s<>"']+/gi;
const TRAILING = /[.,;:!?)\]}»”’]+$/;

// Text nodes and links: whatever was typed is shown as typed.
export function linked(text, newTab) {
  const nodes = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const address = found.replace(TRAILING, '');
    nodes.push(text.slice(from, index), link(address, address, newTab));
    from = index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== '');
}

export function link(href, content, newTab, attributes = {}) {
  const safe = valid(href);
  const opens = safe && { href, target: '_blank', rel: 'noopener noreferrer nofollow', title: newTab };
  return h(safe ? 'a' : 'span', { ...opens, ...attributes }, content);
}

function valid(address) {
  try { return ['http:', 'https:'].includes(new URL(address, location.href).protocol); } catch { return false; }
}

const TOGETHER = 5 * 60000;

// Own messages keep their key when they are confirmed, and so their element.
export function listEntries({ timelines, outbox, uploads, live }) {
  const stored = timelines.flatMap(({ messages }) => messages);
  const known = new Set(stored.map(({ clientMessageId }) => clientMessageId).filter(Boolean));
  const pending = outbox.items.filter(({ id }) => !known.has(id));
  const entries = [...stored.map(fromMessage), ...pending.map((item) => fromItem(item, live))];
  entries.push(...uploads.map((upload) => ({ key: `u${upload.id}`, kind: 'upload', mine: true, upload, at: upload.at })));
  join(entries);
  const current = timelines.at(-1);
  if (current?.ended && !pending.length) entries.push({ key: `r${current.id}`, kind: 'rating', timeline: current });
  return withDays(entries);
}

function fromMessage(message) {
  const mine = message.senderType === 'visitor';
  const key = mine && message.clientMessageId ? `c${message.clientMessageId}` : message.id;
  const kind = message.event || (message.senderType === 'system' && !message.content) ? 'line' : 'bubble';
  const state = message.readAt ? 'read' : message.deliveredAt ? 'delivered' : 'sent';
  return { key, kind, mine, message, at: message.sentAt, state, author: mine ? 'me' : message.senderId || message.senderType };
}

function fromItem(item, live) {
  const state = item.error ? 'failed' : live ? 'sending' : 'waiting';
  return { key: `c${item.id}`, kind: 'bubble', mine: true, message: item, at: item.at, state, author: 'me', pending: item };
}

function join(entries) {
  entries.forEach((entry, i) => {
    const [before, after] = [entries[i - 1], entries[i + 1]];
    entry.head = !follows(before, entry);
    entry.tail = !after || !follows(entry, after);
  });
  const last = entries.findLast(({ mine, kind }) => mine && kind === 'bubble');
  if (last) last.shows = true;
}

function follows(before, entry) {
  return before?.kind === 'bubble' && before.kind === entry.kind && before.author === entry.author && new Date(entry.at) - new Date(before.at) < TOGETHER;
}

function withDays(entries) {
  let day;
  return entries.flatMap((entry) => {
    const its = entry.at && new Date(entry.at).toDateString();
    if (!its || its === day) return [entry];
    day = its;
    return [{ key: `d${its}`, kind: 'day', at: entry.at }, entry];
  });
}

export function buildEntry(entry, words) {
  if (entry.kind === 'day') return h('div', { class: 'day' }, words.day(entry.at));
  if (entry.kind === 'line') return buildLine(entry, words);
  return buildBubble(entry, words);
}

function buildLine({ message }, { t, time, exact }) {
  const text = lineText(message, t);
  return h('div', { class: 'line', hidden: !text }, `${text} · `, h('time', { datetime: message.sentAt, title: exact(message.sentAt) }, time(message.sentAt)));
}

function lineText({ event, content }, t) {
  const name = (event.agent || event.toAgent)?.name;
  const by = event.by || {};
  if (event.event === 'assigned') return name ? t('assigned', { name }) : '';
  if (event.event === 'transferred') {
    const target = name || event.toDepartment?.name;
    return target ? t('transferredTo', { name: target }) : t('transferred');
  }
  if (event.event === 'closed') {
    if (by.kind === 'visitor') return t('closedByYou');
    return by.name ? t('closedBy', { name: by.name }) : t('closed');
  }
  if (event.event === 'reopened') return t('reopened');
  if (event.event === 'rated') return t('rated', { n: event.rating });
  return content || '';
}

function buildBubble({ mine, message, at }, { t, time, exact, bytes }) {
  const name = mine ? t('you') : message.senderName || t('team');
  return h('div', { class: `entry ${mine ? 'mine' : 'theirs'}` },
    !mine && h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name)),
    h('div', { class: 'stack' },
      h('div', { class: 'name' }, h('span', { class: mine ? 'sr' : '' }, name), ' ',
        h('time', { datetime: at, title: exact(at) }, time(at))),
      message.content && h('div', { class: 'bubble' }, ...linked(message.content, t('newTab'))),
      ...(message.attachments || []).map((file) => buildFile(file, t, bytes)),
      h('div', { class: 'state', 'aria-live': 'off' })));
}

function buildFile({ type, url, name, size }, t, bytes) {
  if (type === 'image') return link(url, h('img', { src: url, alt: name || t('image'), loading: 'lazy' }), t('newTab'), { class: 'picture' });
  const text = h('span', {}, name || t('file'), size ? h('small', {}, bytes(size)) : '');
  return link(url, h('span', { class: 'chip' }, icon('file'), text), t('newTab'), { class: 'file', download: name || '' });
}

export function updateBubble(node, entry, { t }, actions) {
  const sign = [entry.head, entry.tail, entry.shows, entry.state].join();
  if (node.dataset.sign === sign) return;
  node.dataset.sign = sign;
  node.classList.toggle('head', entry.head);
  node.classList.toggle('tail', entry.tail);
  node.classList.toggle('pending', !!entry.pending);
  node.dataset.state = entry.state;
  const state = node.querySelector('.state');
  state.classList.toggle('failed', entry.state === 'failed');
  if (entry.state === 'failed') {
    const act = (label, run) => h('button', { type: 'button', class: 'text', onclick: () => run(entry.pending.id) }, t(label));
    state.replaceChildren(t('failed'), ' ', act('retry', actions.retry), ' ', act('discard', actions.discard));
  } else state.textContent = entry.mine && entry.shows ? t(entry.state) : '';
}
