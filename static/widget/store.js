const local = { get: (key) => localStorage.getItem(key), set: (key, text) => localStorage.setItem(key, text) };
const cookies = {
  get: (key) => decodeURIComponent(document.cookie.split('; ').find((pair) => pair.startsWith(`${key}=`))?.slice(key.length + 1) ?? 'null'),
  set(key, text) {
    document.cookie = `${key}=${encodeURIComponent(text)}; Path=/widget/frame/; Max-Age=31536000; Secure; SameSite=None; Partitioned`;
  },
};

// localStorage; where a browser blocks it in frames, a cookie of this site and frame alone; else memory.
export function openStorage(name, onOtherTab) {
  const prefix = `parley.${name}.`;
  const memory = new Map();
  const box = [local, cookies].find((place) => keeps(place, `${prefix}probe`, '1'));
  const heard = (key) => key?.startsWith(prefix) && onOtherTab(key.slice(prefix.length));
  addEventListener('storage', ({ key }) => heard(key));
  if (box === cookies) window.cookieStore?.addEventListener('change', ({ changed }) => changed.forEach((cookie) => heard(cookie.name)));
  return {
    name,
    get: (key) => JSON.parse(memory.get(key) ?? box?.get(prefix + key) ?? 'null'),
    set(key, value) {
      const text = JSON.stringify(value ?? null);
      if (keeps(box, prefix + key, text)) memory.delete(key);
      else memory.set(key, text);
    },
  };
}

function keeps(place, key, text) {
  try {
    place.set(key, text);
    return place.get(key) === text;
  } catch { return false; }
}

// crypto.randomUUID would need https.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// The entries of one session, each once, by seq.
export class Timeline {
  messages = [];
  session;

  constructor(session) { this.session = session; }

  get id() { return this.session.id; }
  get ended() { return this.session.status === 'ended'; }
  get first() { return this.messages[0]?.seq ?? 0; }
  get last() { return this.messages.at(-1)?.seq ?? 0; }
  get complete() { return this.messages.length ? this.messages[0].prev === 0 : !this.session.lastSeq; }

  add(message) {
    const at = this.messages.findLastIndex(({ seq }) => seq <= message.seq);
    const known = this.messages[at];
    if (known?.seq === message.seq) {
      this.messages[at] = { ...message, ...better(known, message) };
      return false;
    }
    this.messages.splice(at + 1, 0, message);
    return true;
  }

  has(clientMessageId) {
    return this.messages.some((message) => message.clientMessageId === clientMessageId);
  }

  receipt(kind, seq, when) {
    for (const message of this.messages) {
      if (message.seq > seq || message.senderType !== 'visitor') continue;
      message.deliveredAt ||= when;
      if (kind === 'read') message.readAt ||= when;
    }
  }

  // So far back that receipts which were missed come along.
  get syncFrom() {
    const open = this.messages.find((message) => message.senderType === 'visitor' && !message.readAt);
    return Math.max(open ? Math.min(open.prev, this.last) : this.last, this.last - 50, 0);
  }

  unread(seq) {
    return this.messages.filter((message) => fromTeam(message) && message.seq > seq && !message.readAt);
  }

  get lastFromTeam() { return this.messages.findLast(fromTeam); }
}

export function fromTeam(message) {
  return message.type !== 'system' && message.senderType !== 'visitor';
}

function better(known, message) {
  return { deliveredAt: message.deliveredAt || known.deliveredAt, readAt: message.readAt || known.readAt };
}
