import { Line } from './net.js';
import { Timeline, fromTeam } from './store.js';

const PAGE = 30;
const TYPING_SHOWN = 8000;
const SYNC_PATIENCE = 5000;
const POLL_AFTER_FAILURES = 3;
const POLL_FAST = 4000;
const POLL_SLOW = 15000;

/**
 * The visitor's conversation: the sessions known so far, oldest first, and the link that keeps the last one complete.
 * `onChange()` after every change worth drawing, `onMessage(message)` for each new entry of the team.
 * The database is the truth and a frame is a hint: whatever does not fit exactly is asked for again.
 */
export class Conversation {
  timelines = [];
  typing = null;
  loading = false;
  link = 'idle';
  visible = false;
  #api; #storage; #line; #hooks; #token; #syncing = 0; #poll; #typingTimer; #acks = new Map();

  constructor({ api, storage, onChange, onMessage, onOpen, onGone }) {
    this.#api = api;
    this.#storage = storage;
    this.#hooks = { onChange, onMessage, onOpen, onGone };
    this.#line = new Line({
      onFrame: (frame) => this.#receive(frame),
      onOpen: () => this.#opened(),
      onDown: () => this.#down(),
      onFinal: (code) => this.#refused(code),
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

  /** Take up this session, loading its newest entries, and listen to it while it is open. */
  async enter(sessionId, token) {
    if (this.current?.id === sessionId) return;
    this.#token = token;
    this.loading = true;
    this.#hooks.onChange();
    try {
      const session = await this.#api.get(`sessions/${sessionId}`);
      const timeline = new Timeline(session);
      const after = Math.max(0, (session.lastSeq || 0) - PAGE);
      await this.#fetch(timeline, after);
      if (this.current?.id === sessionId) return;
      this.timelines = this.#chained(session) ? [...this.timelines, timeline] : [timeline];
      this.#listen();
    } finally {
      this.loading = false;
      this.#hooks.onChange();
    }
    this.see();
  }

  /** An ended session needs no socket until somebody reopens it. */
  #listen() {
    if (!this.current.ended) this.#line.open(this.current.id, this.#token);
  }

  /** Start from nothing, as after a change of customer. */
  forget() {
    this.#line.close();
    clearTimeout(this.#poll);
    this.timelines = [];
    this.typing = null;
    this.link = 'idle';
    this.#hooks.onChange();
  }

  #chained(session) { return this.current && session.previousSessionId === this.current.id; }

  // -- coming in ----------------------------------------------------------------------------------------------------

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
      if (message.event) this.#apply(message);
      if (message.senderType !== 'visitor') this.typing = null;
      if (fromTeam(message)) this.#hooks.onMessage(message);
      this.#acks.get(message.clientMessageId)?.resolve();
    }
    if (fresh.some((message) => message.senderType !== 'visitor') && !this.see()) {
      this.#line.send('message.delivered', { seq: this.current.last });
    }
    this.#hooks.onChange();
  }

  /** An event line says what became of the session, before `session.updated` does. */
  #apply({ event: { event, agent } }) {
    const { session } = this;
    if (event === 'assigned') Object.assign(session, { status: 'active', queuePosition: null });
    if (event === 'assigned' && agent?.name) session.assignedAgent = { ...session.assignedAgent, ...agent };
    if (event === 'closed') session.status = 'ended';
    if (event === 'reopened') session.status = session.assignedAgent ? 'active' : 'waiting';
  }

  update(session) {
    if (!session || session.id !== this.current?.id) return;
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

  // -- staying complete ---------------------------------------------------------------------------------------------

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

  #refused(code) {
    this.link = 'down';
    if (code === 4403) this.#startPolling();
    else this.#hooks.onGone();
  }

  /** Ask for whatever came after the entries that are here: by the socket, or by REST without one. */
  sync() {
    if (!this.current) return undefined;
    if (!this.isLive) return this.pull();
    if (Date.now() - this.#syncing < SYNC_PATIENCE) return undefined;
    this.#syncing = Date.now();
    return this.#line.send('sync', { after: this.current.syncFrom });
  }

  #synced({ messages, complete, session }) {
    this.#syncing = 0;
    this.#add(messages);
    this.update(session);
    if (!complete && messages.length) {
      this.#syncing = Date.now();
      this.#line.send('sync', { after: messages.at(-1).seq });
    }
  }

  #beat(newest) {
    if (!this.current) return;
    if (newest > this.current.last) this.sync();
    if (this.session.status === 'waiting' && this.visible) this.#refresh();
  }

  /** Those who wait see their place in the queue change. */
  #refresh() {
    this.#api.get(`sessions/${this.current.id}`).then((session) => this.update(session)).catch(() => {});
  }

  /** The same over REST. Never throws: the next one will do. */
  async pull() {
    const { current } = this;
    if (!current) return;
    try {
      Object.assign(current.session, await this.#api.get(`sessions/${current.id}`));
      await this.#fetch(current, current.syncFrom, (messages) => this.#add(messages));
      if (current === this.current) this.#listen();
    } catch (error) {
      if (error.status === 401 || error.status === 404) this.#hooks.onGone();
    }
    this.#hooks.onChange();
  }

  async #fetch(timeline, after, keep = (messages) => messages.forEach((message) => timeline.add(message))) {
    let from = after;
    for (;;) {
      const messages = await this.#api.get(`sessions/${timeline.id}/messages?afterSeq=${from}&perPage=100`);
      if (messages.length && (timeline === this.current || !this.timelines.includes(timeline))) keep(messages);
      if (messages.length < 100) return;
      from = messages.at(-1).seq;
    }
  }

  #startPolling() {
    clearTimeout(this.#poll);
    if (this.isLive || !this.current || this.current.ended) return;
    const again = () => this.pull().then(() => this.#startPolling());
    this.#poll = setTimeout(again, this.visible ? POLL_FAST : POLL_SLOW);
  }

  /** The page woke up, came back to the front, or is online again. */
  wake() {
    this.#line.wake();
    this.sync();
    this.see();
  }

  // -- upwards ------------------------------------------------------------------------------------------------------

  get hasOlder() {
    const oldest = this.timelines[0];
    return !!oldest && (!oldest.complete || !!oldest.session.previousSessionId);
  }

  /** Load the page before the oldest entry: of the same session, or the end of the one before it. */
  async loadOlder() {
    let [oldest] = this.timelines;
    if (oldest.complete) {
      oldest = new Timeline(await this.#api.get(`sessions/${oldest.session.previousSessionId}`));
      this.timelines = [oldest, ...this.timelines];
    }
    const before = oldest.first || (oldest.session.lastSeq || 0) + 1;
    const messages = await this.#api.get(`sessions/${oldest.id}/messages?beforeSeq=${before}&perPage=${PAGE}`);
    messages.forEach((message) => oldest.add(message));
    this.#hooks.onChange();
  }

  // -- going out ----------------------------------------------------------------------------------------------------

  /** Send one item of the outbox. Resolves when it is stored; rejects with ApiError's shape, or nothing when lost. */
  async send(item) {
    const { current } = this;
    if (current.has(item.id)) return;
    const { id, content, type, attachments } = item;
    const data = { content, type, clientMessageId: id, ...(attachments.length && { attachments }) };
    if (this.isLive && await this.#sendByLine(id, data)) return;
    const message = await this.#api.post(`sessions/${current.id}/messages`, data);
    if (message.seq) this.#entry(message);
    if (!current.has(id)) await this.pull();
  }

  /** True when acknowledged, false when the line was lost: then REST has the word. Rejects when refused. */
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
    // After a gap the sync that is under way brings it, and resolves.
    if (this.current?.has(clientMessageId)) this.#acks.get(clientMessageId)?.resolve();
  }

  #failed({ code, message, ref }) {
    if (code === 4005 && this.session) this.session.status = 'ended';
    const temporary = code === 4290 || code >= 5000;
    this.#acks.get(ref)?.reject({ code, message, temporary, status: temporary ? 503 : 400 });
  }

  tell(type) { this.#line.send(type); }

  page(page) { this.#line.send('page.view', page); }

  /** Tell the server what the visitor has seen. Returns whether there was somebody to see it. */
  see() {
    const { current } = this;
    if (!this.visible || !current) return false;
    const unread = this.unread;
    if (unread.length) {
      const last = unread.at(-1);
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
