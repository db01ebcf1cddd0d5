// One open chat: follows it over the line, shows what comes, asks for what was missed. Ends with its signal.
import { askingSeqs, fillCard } from "./card.js";
import { t } from "./client.js";
import { makeEntry, setMark } from "./entry.js";
import { linkifyAll } from "./links.js";
import { showPending } from "./pending.js";
import { Reading } from "./reading.js";
import { isRich, showRich } from "./rich.js";
import { Timeline } from "./timeline.js";
import { showTimes } from "./times.js";
import { toast } from "./toasts.js";

export class Conversation {
  constructor({ line, outbox, signal }) {
    this.root = document.getElementById("conversation");
    this.uid = this.root.dataset.chat;
    Object.assign(this, { line, outbox, signal });
    this.timeline = new Timeline(document.getElementById("entries"), this.uid);
    this.reading = new Reading(this);
    showTimes();
    linkifyAll(this.root);
    showRich(this.root);
    for (const item of outbox.of(this.uid)) showPending(this, item);
    this.timeline.toEnd();
    this.listen();
    if (line.isOpen) this.follow();
  }

  get name() {
    return this.root.dataset.name;
  }

  listen() {
    const { line, outbox, signal } = this;
    const mine = (work) => ({ detail }) => detail.chat === this.uid && work(detail);
    line.addEventListener("frame:hello", () => this.follow(), { signal });
    line.addEventListener("check", () => this.sync(), { signal });
    line.addEventListener("frame:message", mine((frame) => this.hear(frame)), { signal });
    line.addEventListener("frame:synced", mine((frame) => this.synced(frame)), { signal });
    line.addEventListener("frame:chat", ({ detail }) => detail.chat.uid === this.uid && this.moved(detail.chat), { signal });
    line.addEventListener("frame:card", mine((frame) => this.fill(frame)), { signal });
    line.addEventListener("frame:read", mine((frame) => frame.by === "visitor" && this.mark(frame.seq, "read")), { signal });
    line.addEventListener("frame:delivered", mine((frame) => frame.by === "visitor" && this.mark(frame.seq, "delivered")), { signal });
    line.addEventListener("frame:heartbeat", ({ detail }) => this.beat(detail.seqs[this.uid]), { signal });
    outbox.addEventListener("stored", ({ detail }) => detail.item.chat === this.uid && this.show(detail.message), { signal });
    outbox.addEventListener("failed", ({ detail }) => detail.item.chat === this.uid && showPending(this, detail.item), { signal });
    signal.addEventListener("abort", () => line.send({ type: "leave", chat: this.uid }));
  }

  follow() {
    this.gone = false;
    this.ask({ type: "open", chat: this.uid, after: this.timeline.last, cards: askingSeqs(this.timeline) });
  }

  sync() {
    this.ask({ type: "sync", chat: this.uid, after: this.timeline.last, cards: askingSeqs(this.timeline) });
  }

  /**
   * Frames may be lost: what is newer is asked for, and how cards fare that wait for an answer. A heartbeat names the
   * chats that are followed: where this one is not among them, following it failed and is tried again.
   */
  beat(newest) {
    if (newest === undefined) return this.gone || this.follow();
    if (newest > this.timeline.last || askingSeqs(this.timeline).length) this.sync();
  }

  ask(frame) {
    this.line.ask(frame).catch((error) => {
      if (error.code === "not_found") this.leave();
    });
  }

  /** The chat is not for this agent any more. */
  leave() {
    this.gone = true;
    toast(t("gone"), "warning");
  }

  /** A live entry: shown when it follows the last one, otherwise the gap is asked for first. */
  hear({ message }) {
    if (message.seq <= this.timeline.last) return this.show(message);
    if (message.prev > this.timeline.last) return this.sync();
    this.show(message);
  }

  synced(frame) {
    frame.messages.forEach((message) => this.show(message));
    frame.cards.forEach((told) => this.fill(told));
    this.moved(frame.row);
    this.mark(frame.delivered_to_visitor, "delivered");
    this.mark(frame.read_by_visitor, "read");
    if (!frame.complete) this.sync();
  }

  /** The chat may have come to this agent, or gone from them. */
  moved(row) {
    if (row.gone) return this.leave();
    this.gone = false;
    this.root.dataset.assignee = row.agent?.uid ?? "";
    this.reading.report();
  }

  /** Show a stored entry once, in the place of its pending self if there is one. */
  show(message) {
    const atEnd = this.timeline.isAtEnd;
    const pending = this.timeline.byClient(message.client_id);
    if (this.timeline.has(message.seq)) {
      if (pending?.classList.contains("pending")) pending.remove();
      return;
    }
    pending?.remove();
    this.timeline.insert(makeEntry(message, this.name));
    if (isRich(message)) showRich(this.timeline.root);
    this.reading.arrived(message, atEnd || Boolean(pending));
  }

  /** A card's lookup was answered, has failed or begins anew. */
  fill({ seq, card }) {
    const atEnd = this.timeline.isAtEnd;
    const shown = this.timeline.bySeq(seq)?.querySelector("[data-card]");
    if (shown) fillCard(shown, card);
    if (shown && atEnd) this.timeline.toEnd();
  }

  /** Receipts of what the team wrote, up to a seq. */
  mark(seq, state) {
    for (const entry of this.timeline.own) {
      if (Number(entry.dataset.seq) > seq || entry.dataset.by === "visitor" || ["note", "event"].includes(entry.dataset.kind)) continue;
      if (state === "read" || entry.querySelector('[data-slot="mark"]').dataset.state !== "read") setMark(entry, state);
    }
  }
}
