// What the agent has written and the server has not yet stored. Kept in local storage, so that nothing is lost by a
// reload or a day without a connection; sent in order, chat by chat; safe to send twice, by its client id.
import { mine } from "./client.js";

const PREFIX = mine("out.");
const AGAIN = 8000;
// Failures that pass by themselves. The others are told to the agent, who decides.
const PASSING = new Set(["offline", "failed", "too_many"]);

export class Outbox extends EventTarget {
  constructor(line) {
    super();
    this.line = line;
    this.busy = new Set();
    line.addEventListener("frame:hello", () => this.flush());
    setInterval(() => this.flush(), AGAIN);
  }

  add(item) {
    const kept = { ...item, id: crypto.randomUUID(), at: new Date().toISOString(), state: "sending" };
    this.keep(kept);
    this.flush();
    return kept;
  }

  of(chat) {
    return this.all().filter((item) => item.chat === chat);
  }

  all() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return keys.map((key) => JSON.parse(localStorage.getItem(key))).sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  keep(item) {
    localStorage.setItem(PREFIX + item.id, JSON.stringify(item));
  }

  get(id) {
    return JSON.parse(localStorage.getItem(PREFIX + id));
  }

  discard(id) {
    localStorage.removeItem(PREFIX + id);
  }

  retry(id) {
    this.keep({ ...this.get(id), state: "sending", error: "" });
    this.flush();
  }

  flush() {
    if (!this.line.isOpen) return;
    for (const chat of new Set(this.all().map((item) => item.chat))) this.flushChat(chat);
  }

  async flushChat(chat) {
    if (this.busy.has(chat)) return;
    this.busy.add(chat);
    try {
      for (let item = this.next(chat); item && this.line.isOpen; item = this.next(chat)) {
        if (!(await this.deliver(item))) break;
      }
    } finally {
      this.busy.delete(chat);
    }
  }

  next(chat) {
    return this.of(chat).find((item) => item.state !== "failed");
  }

  /** Send one and wait. False: stop for now. */
  async deliver(item) {
    const frame = { type: "send", chat: item.chat, kind: item.kind, body: item.body, client_id: item.id };
    if (item.files.length) frame.attachments = item.files.map((file) => file.uid);
    try {
      const { message } = await this.line.ask(frame);
      this.discard(item.id);
      this.tell("stored", { item, message });
      return true;
    } catch (error) {
      if (PASSING.has(error.code)) return false;
      const failed = { ...item, state: "failed", error: error.message };
      this.keep(failed);
      this.tell("failed", { item: failed });
      return true;
    }
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
