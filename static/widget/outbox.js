import { newId } from './store.js';

const KEY = 'outbox';
const TRIES = 6;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20000;
const LOCK_PATIENCE = 4000;

// Not confirmed yet. In storage, so that a reload or another tab goes on; ids make sending twice harmless. Tabs
// overwrite each other there: each holds its own.
export class Outbox {
  #storage; #own = [];

  constructor(storage) { this.#storage = storage; }

  get items() {
    const all = [...this.#own, ...this.#storage.get(KEY) || []];
    return [...new Map(all.map((item) => [item.id, item])).values()];
  }

  #save(items) {
    this.#own = items.filter(({ id, error }) => !error && this.#own.some((item) => item.id === id));
    this.#storage.set(KEY, items);
  }

  #change(id, change) { this.#save(this.items.map((item) => (item.id === id ? { ...item, ...change } : item))); }

  add(content, type = 'text', attachments = []) {
    const item = { id: newId(), content, type, attachments, at: new Date().toISOString(), tries: 0, error: '' };
    this.#own.push(item);
    this.#save(this.items);
    return item;
  }

  get next() { return this.items.find((item) => !item.error); }
  remove(id) { this.#save(this.items.filter((item) => item.id !== id)); }
  clear() { this.#save([]); }

  fail(id, code) { this.#change(id, { error: code || 'failed' }); }

  stumble(item) {
    this.#change(item.id, { tries: item.tries + 1, error: item.tries + 1 >= TRIES ? 'failed' : '' });
    return item.tries + 1 < TRIES;
  }

  retry(id) { this.#change(id, { tries: 0, error: '' }); }
}

// Carries the outbox to the server, in order, and starts sessions. One tab at a time where the browser has locks;
// without, ids and the shared start key make doing it twice harmless.
export class Delivery {
  #parts; #running; #again; #timer; #wait = FIRST_WAIT;

  constructor({ api, storage, outbox, conversation, describe, onChange, onError }) {
    this.#parts = { api, storage, outbox, conversation, describe, onChange, onError };
  }

  // Resolves when all is done.
  flush() {
    clearTimeout(this.#timer);
    this.#again = true;
    return this.#running ??= this.#run();
  }

  async #run() {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#alone(() => this.#drain());
      }
    } finally { this.#running = null; }
  }

  async #drain() {
    const { outbox, onChange } = this.#parts;
    for (let item = outbox.next; item; item = outbox.next) {
      onChange();
      try {
        await this.#deliver(item);
        outbox.remove(item.id);
        this.#wait = FIRST_WAIT;
      } catch (error) {
        if (!this.#handle(error, item)) break;
      }
    }
    onChange();
  }

  async #deliver(item) {
    const { conversation } = this.#parts;
    await this.session(item);
    try {
      await conversation.send(item);
    } catch (error) {
      if (error.code !== 4005) throw error;
      conversation.session.status = 'ended';
      await this.session(item);
      await conversation.send(item);
    }
  }

  #handle(error, item) {
    const { outbox, onError } = this.#parts;
    if (!error.status && !(error instanceof TypeError)) return this.#later();
    if (error.status === 401 || error.code === 4001) {
      this.#parts.storage.set('identity', { customerId: this.#parts.storage.get('identity')?.customerId });
      this.#parts.conversation.forget();
      return outbox.stumble(item);
    }
    onError({ code: error.code || 'failed', message: error.message });
    if (!error.temporary) {
      outbox.fail(item.id, error.code);
      return true;
    }
    return outbox.stumble(item) ? this.#later(error.retryAfter * 1000) : true;
  }

  #later(after) {
    this.#timer = setTimeout(() => this.flush(), after || this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
    return false;
  }

  async session(item) {
    const { storage, conversation } = this.#parts;
    const known = storage.get('identity') || {};
    if (known.sessionId && known.sessionId !== conversation.current?.id) await conversation.enter(known.sessionId, known.token);
    if (conversation.current && !conversation.current.ended) return;
    await this.#start(known, item);
  }

  async #start(known, item) {
    const { storage, conversation, describe } = this.#parts;
    const startKey = known.startKey || newId();
    storage.set('identity', { ...known, startKey });
    const first = item?.type === 'text' && { initialMessage: item.content, clientMessageId: item.id };
    const started = await this.#ask({ ...describe(), startKey, ...first }, { startKey, ...first });
    const { sessionId, visitorId, token, estimatedWaitTime } = started;
    storage.set('identity', { ...storage.get('identity'), sessionId, visitorId, token, startKey: undefined });
    await conversation.enter(sessionId, token);
    conversation.update({ id: sessionId, estimatedWaitTime });
  }

  // A wrong option of the page must not cost the message.
  async #ask(body, bare) {
    const { api, onError } = this.#parts;
    try { return await api.post('sessions', body); } catch (error) {
      if (error.status !== 400 && error.code !== 4040) throw error;
      onError({ code: error.code, message: error.message });
      return api.post('sessions', bare);
    }
  }

  async #alone(work) {
    const { storage } = this.#parts;
    if (!navigator.locks) return work();
    let begun = false;
    const once = () => {
      begun = true;
      return work();
    };
    try {
      return await navigator.locks.request(`parley:${storage.name}`, { signal: AbortSignal.timeout(LOCK_PATIENCE) }, once);
    } catch (error) {
      if (begun) throw error;
      return work(); // the tab that holds the lock sleeps
    }
  }
}
