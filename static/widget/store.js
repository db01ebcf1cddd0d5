/** What is known: small values in storage, the stored entries of a session, and those not sent yet. */

/**
 * Small JSON values of one page key, kept in localStorage so that a reload loses nothing and tabs keep in step.
 * Where storage is blocked or full, values live in memory: everything works, but is gone with the page.
 */
export function openStorage(name, onOtherTab) {
  const prefix = `parley:${name}:`;
  const memory = new Map();
  const local = usable(prefix);
  addEventListener('storage', ({ key, storageArea }) => {
    if (local && storageArea === local && (!key || key.startsWith(prefix))) onOtherTab(key?.slice(prefix.length));
  });
  return {
    name,
    get(key) {
      const text = memory.get(key) ?? local?.getItem(prefix + key) ?? 'null';
      try { return JSON.parse(text); } catch { return null; }
    },
    set(key, value) {
      const text = JSON.stringify(value ?? null);
      try {
        local.setItem(prefix + key, text);
        memory.delete(key);
      } catch { memory.set(key, text); }
    },
  };
}

function usable(prefix) {
  try {
    localStorage.setItem(`${prefix}probe`, '1');
    localStorage.removeItem(`${prefix}probe`);
    return localStorage;
  } catch { return null; }
}

/** A random id of 128 bits; crypto.randomUUID would need https. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The entries of one session, in the order of `seq`, each once. */
export class Timeline {
  messages = [];
  session;

  constructor(session) { this.session = session; }

  get id() { return this.session.id; }
  get ended() { return this.session.status === 'ended'; }
  get first() { return this.messages[0]?.seq ?? 0; }
  get last() { return this.messages.at(-1)?.seq ?? 0; }
  /** Whether nothing of this session is left to load upwards. */
  get complete() { return this.messages.length ? this.messages[0].prev === 0 : !this.session.lastSeq; }

  /** Returns whether the entry is new. One that is known only gets its receipts brought up to date. */
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

  /** What the other side has delivered or read, up to and including `seq`. */
  receipt(kind, seq, when) {
    for (const message of this.messages) {
      if (message.seq > seq || message.senderType !== 'visitor') continue;
      message.deliveredAt ||= when;
      if (kind === 'read') message.readAt ||= when;
    }
  }

  /** From where to ask, so that receipts which were missed come along with the entries. */
  get syncFrom() {
    const open = this.messages.find((message) => message.senderType === 'visitor' && !message.readAt);
    return Math.max(open ? Math.min(open.prev, this.last) : this.last, this.last - 50, 0);
  }

  /** The entries that the visitor has not read, beyond `seq`. */
  unread(seq) {
    return this.messages.filter((message) => fromTeam(message) && message.seq > seq && !message.readAt);
  }

  get lastFromTeam() { return this.messages.findLast(fromTeam); }
}

/** Whether somebody on the other side wrote it (not the system's lines). */
export function fromTeam(message) {
  return message.type !== 'system' && message.senderType !== 'visitor';
}

function better(known, message) {
  return { deliveredAt: message.deliveredAt || known.deliveredAt, readAt: message.readAt || known.readAt };
}

const KEY = 'outbox';
const TRIES = 6;

/**
 * What the visitor sent and the server has not confirmed, in order. It lives in storage: a reload or a second tab
 * goes on sending it, and `id` (the clientMessageId) makes sending twice harmless.
 * Item: {id, content, type, attachments, at, tries, error: ''|code}.
 */
export class Outbox {
  #storage;

  constructor(storage) { this.#storage = storage; }

  get items() { return this.#storage.get(KEY) || []; }
  #save(items) { this.#storage.set(KEY, items); }
  #change(id, change) { this.#save(this.items.map((item) => (item.id === id ? { ...item, ...change } : item))); }

  add(content, type = 'text', attachments = []) {
    const item = { id: newId(), content, type, attachments, at: new Date().toISOString(), tries: 0, error: '' };
    this.#save([...this.items, item]);
    return item;
  }

  /** The next one to send. */
  get next() { return this.items.find((item) => !item.error); }
  remove(id) { this.#save(this.items.filter((item) => item.id !== id)); }
  clear() { this.#save([]); }

  /** It will never be accepted as it is. */
  fail(id, code) { this.#change(id, { error: code || 'failed' }); }

  /** The server answered, but not well. Returns false when it is time to ask the visitor. */
  stumble(item) {
    this.#change(item.id, { tries: item.tries + 1, error: item.tries + 1 >= TRIES ? 'failed' : '' });
    return item.tries + 1 < TRIES;
  }

  /** Once more, at the end of the line. */
  retry(id) {
    const { items } = this;
    const item = items.find((other) => other.id === id);
    if (item) this.#save([...items.filter((other) => other !== item), { ...item, tries: 0, error: '' }]);
  }
}
