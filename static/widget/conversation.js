import { Line } from './net.js';
import { Timeline, fromTeam } from './store.js';

export const PAGE = 30;
const TYPING_SHOWN = 8000;
const SYNC_PATIENCE = 5000;
const POLL_AFTER_FAILURES = 3;
const POLL_FAST = 4000;
const POLL_SLOW = 15000;

// The sessions known so far, oldest first, and the link that keeps the last one complete. A frame is only a hint:
// whatever does not fit exactly is asked for again.
export class Conversation {
  timelines = [];
  typing = null;
  loading = false;
  link = 'idle';
  visible = false;
  #api; #storage; #line; #hooks; #token; #syncing = 0; #again; #poll; #typingTimer; #acks = new Map();

  constructor({ api, storage, onChange, onMessage, onOpen, onGone }) {
    this.#api = api;
    this.#storage = storage;
    this.#hooks = { onChange, onMessage, onOpen, onGone };
    this.#line = new Line({
      onFrame: (frame) => this.#receive(frame),
      onOpen: () => this.#opened(),
      onDown: () => this.#down(),
      onFinal: onGone,
    });
  }

  get current() { return this.timelines.at(-1); }
  get session() { return this.current?.session; }
  get isLive() { return this.#line.isOpen; }
  get readSeq() {
    const read = this.#storage.get('read');
    return read?.sessionId === this.current?.id ? read?.seq || 0 : 0;
  }
  get unread() { return this.current?.unread(this.readSeq) ?? []; }

  async enter(sessionId, token) {
    if (this.current?.id === sessionId) return;
    this.#token = token;
    this.loading = true;
    this.#hooks.onChange();
    try {
      const session = await this.#api.get(`sessions/${sessionId}`);
      const timeline = new Timeline(session);
      await this.#fetch(timeline, Math.max(0, session.lastSeq - PAGE));
      if (this.current?.id === sessionId) return;
      const chained = this.current?.id === session.previousSessionId;
      this.timelines = chained ? [...this.timelines, timeline] : [timeline];
      this.#listen();
    } finally {
      this.loading = false;
      this.#hooks.onChange();
    }
    this.see();
  }

  // An ended session needs no socket until somebody reopens it.
  #listen() {
    if (!this.current.ended) this.#line.open(this.current.id, this.#token);
  }

  forget() {
    this.#line.close();
    clearTimeout(this.#poll);
    this.timelines = [];
    this.typing = null;
    this.link = 'idle';
    this.#hooks.onChange();
  }

  #receive({ type, data, seq, prev }) {
    if (type === 'message.new') this.#entry(data, seq, prev);
    else if (type === 'agent.assigned' || type === 'session.ended') this.#entry(data.message, seq, prev);
    else if (type === 'sync') this.#synced(data);
    else if (type === 'ack') this.#acked(data);
    else if (type === 'error') this.#failed(data);
    else if (type === 'heartbeat') this.#beat(data.seq);
    else if (type === 'session.updated') this.update(data.session);
    else if (type === 'message.read' || type === 'message.delivered') this.#receipt(type.slice(8), data);
    else if (type === 'typing.start' || type === 'typing.stop') this.#typed(type, data);
  }

  #entry(message, seq = message.seq, prev = message.prev) {
    const { current } = this;
    if (message.sessionId !== current?.id) return;
    if (seq > current.last && prev !== current.last) this.sync();
    else this.#add([message]);
  }

  #add(messages) {
    const fresh = messages.filter((message) => this.current.add(message));
    for (const message of fresh) {
      if (message.event?.event === 'closed') this.session.status = 'ended';
      if (message.senderType !== 'visitor') this.typing = null;
      if (fromTeam(message)) this.#hooks.onMessage(message);
      this.#acks.get(message.clientMessageId)?.resolve();
    }
    if (fresh.some((message) => message.senderType !== 'visitor') && !this.see()) {
      this.#line.send('message.delivered', { seq: this.current.last });
    }
    this.#hooks.onChange();
  }

  update(session) {
    // Older than what is shown.
    if (!session || session.id !== this.current?.id || session.lastSeq < this.current.last) return;
    Object.assign(this.session, session);
    this.#hooks.onChange();
  }

  #receipt(kind, { sessionId, readerType, seq, readAt, deliveredAt }) {
    if (sessionId !== this.current?.id) return;
    if (readerType !== 'visitor') this.current.receipt(kind, seq, readAt || deliveredAt);
    else if (kind === 'read') this.#markRead(seq);
    this.#hooks.onChange();
  }

  #typed(type, { senderType, senderName }) {
    if (senderType === 'visitor') return;
    clearTimeout(this.#typingTimer);
    this.typing = type === 'typing.start' ? { name: senderName } : null;
    if (this.typing) this.#typingTimer = setTimeout(() => this.#typed('typing.stop', {}), TYPING_SHOWN);
    this.#hooks.onChange();
  }

  #opened() {
    this.link = 'live';
    clearTimeout(this.#poll);
    this.#syncing = 0;
    this.sync();
    this.#hooks.onChange();
    this.#hooks.onOpen();
  }

  #down() {
    this.link = 'down';
    this.typing = null;
    for (const { reject } of this.#acks.values()) reject();
    this.#acks.clear();
    this.#hooks.onChange();
    if (this.#line.failures >= POLL_AFTER_FAILURES) this.#startPolling();
  }

  sync(after = this.current?.syncFrom) {
    if (!this.current) return undefined;
    if (!this.isLive) return this.pull();
    this.#again = Date.now() - this.#syncing < SYNC_PATIENCE;
    if (this.#again) return undefined;
    this.#syncing = Date.now();
    return this.#line.send('sync', { after });
  }

  #synced({ messages, complete, session }) {
    this.#syncing = 0;
    this.#add(messages);
    this.update(session);
    if (this.#again || !complete) this.sync(messages.at(-1)?.seq);
  }

  #beat(newest) {
    if (!this.current) return;
    if (newest > this.current.last) this.sync();
    if (this.visible && this.session.status === 'waiting') {
      this.#api.get(`sessions/${this.current.id}`).then((session) => this.update(session)).catch(() => {});
    }
  }

  async pull() {
    const { current } = this;
    if (!current) return;
    try {
      Object.assign(current.session, await this.#api.get(`sessions/${current.id}`));
      await this.#fetch(current, current.syncFrom);
      if (current === this.current) this.#listen();
    } catch (error) {
      if (error.status === 401 || error.status === 404) this.#hooks.onGone();
    }
    this.#hooks.onChange();
  }

  async #fetch(timeline, from) {
    const messages = await this.#api.get(`sessions/${timeline.id}/messages?afterSeq=${from}&perPage=100`);
    if (timeline === this.current) this.#add(messages);
    else messages.forEach((message) => timeline.add(message));
    if (messages.length === 100) await this.#fetch(timeline, messages.at(-1).seq);
  }

  #startPolling() {
    clearTimeout(this.#poll);
    if (this.isLive || !this.current || this.current.ended) return;
    const again = () => this.pull().then(() => this.#startPolling());
    this.#poll = setTimeout(again, this.visible ? POLL_FAST : POLL_SLOW);
  }

  wake() {
    this.#line.wake();
    this.sync();
    this.see();
  }

  get hasOlder() {
    const oldest = this.timelines[0];
    return !!oldest && (!oldest.complete || !!oldest.session.previousSessionId);
  }

  async send(item) {
    const { current } = this;
    if (current.has(item.id)) return;
    const { id, content, type, attachments, metadata } = item;
    const data = { content, type, metadata, clientMessageId: id, ...(attachments.length && { attachments }) };
    if (this.isLive && await this.#sendByLine(id, data)) return;
    const message = await this.#api.post(`sessions/${current.id}/messages`, data);
    if (message.seq) this.#entry(message);
    if (!current.has(id)) await this.pull();
  }

  // True: stored. False: the line was lost, REST has the word. Rejects: refused.
  #sendByLine(id, data) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(false), 8000);
      const done = (finish, value) => {
        clearTimeout(timer);
        this.#acks.delete(id);
        finish(value);
      };
      this.#acks.set(id, { resolve: () => done(resolve, true), reject: (error) => (error ? done(reject, error) : done(resolve, false)) });
      if (!this.#line.send('message.send', data)) done(resolve, false);
    });
  }

  #acked({ clientMessageId, message }) {
    this.#entry(message);
    // After a gap, the sync under way brings it and resolves.
    if (this.current?.has(clientMessageId)) this.#acks.get(clientMessageId)?.resolve();
  }

  #failed({ code, message, ref }) {
    if (code === 4005 && this.session) this.session.status = 'ended';
    const temporary = code === 4290 || code >= 5000;
    this.#acks.get(ref)?.reject({ code, message, temporary, status: temporary ? 503 : 400 });
  }

  tell(type) { this.#line.send(type); }

  page(page) { this.#line.send('page.view', page); }

  see() {
    const { current } = this;
    if (!this.visible || !current) return false;
    const last = this.unread.at(-1);
    if (last) {
      this.#markRead(last.seq);
      if (!this.#line.send('message.read', { seq: last.seq })) {
        this.#api.put(`sessions/${current.id}/messages/${last.id}/read`).catch(() => {});
      }
    }
    return true;
  }

  #markRead(seq) {
    if (seq > this.readSeq) this.#storage.set('read', { sessionId: this.current.id, seq });
  }

  async rate(timeline, rating, feedback) {
    await this.#api.post(`sessions/${timeline.id}/end`, { satisfaction: { rating, feedback } });
    timeline.session.satisfaction = { rating, feedback };
    this.#hooks.onChange();
  }

  async end() {
    await this.#api.post(`sessions/${this.current.id}/end`, { reason: 'visitor' });
    await this.pull();
  }
}
