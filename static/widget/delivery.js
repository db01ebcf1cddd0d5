import { newId } from './store.js';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20000;
const LOCK_PATIENCE = 4000;

/**
 * Carries the outbox to the server, one by one and in order; starts the session when there is none.
 * Only one tab at a time does so where the browser has locks. Where it has none, two tabs may send the same item:
 * its id, and the start key that they share, make that harmless.
 */
export class Delivery {
  #parts; #running = false; #again = false; #timer; #wait = FIRST_WAIT;

  /** `describe()` gives the body of a new session: who, where, which department. */
  constructor({ api, storage, outbox, conversation, describe, onChange, onError }) {
    this.#parts = { api, storage, outbox, conversation, describe, onChange, onError };
  }

  /** Try now. Calls while it runs make it look once more. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    try {
      do {
        this.#again = false;
        await this.#alone(() => this.#drain());
      } while (this.#again);
    } finally { this.#running = false; }
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

  /** Returns whether to go on with the next one at once. */
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

  /** Make sure that there is an open session; `item` is said first in a new one. */
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

  // A wrong option of the page (an unknown department, an identity token that ran out) must not cost the message.
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
