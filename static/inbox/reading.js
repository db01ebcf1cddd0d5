// What the agent has really seen: read marks go out only while the page is visible, focused, and at the end.
import { capped, client, t } from "./client.js";
import { element, slot } from "./dom.js";

export class Reading {
  constructor(conversation) {
    this.conversation = conversation;
    this.timeline = conversation.timeline;
    this.read = Number(conversation.root.dataset.read);
    this.jump = document.getElementById("jump");
    this.missed = 0;
    const { signal } = conversation;
    const report = () => this.report();
    addEventListener("focus", report, { signal });
    document.addEventListener("visibilitychange", report, { signal });
    this.timeline.scroller.addEventListener("scroll", () => this.scrolled(), { signal, passive: true });
    this.jump.addEventListener("click", () => this.timeline.toEnd(true), { signal });
    this.stickToEnd(signal);
    this.markNew(this.newestOfVisitor > this.read ? this.read : Infinity);
    report();
  }

  get newestOfVisitor() {
    const seqs = this.timeline.own.filter((entry) => entry.dataset.by === "visitor").map((entry) => Number(entry.dataset.seq));
    return Math.max(0, ...seqs);
  }

  get isLooking() {
    return document.visibilityState === "visible" && document.hasFocus() && this.timeline.isAtEnd;
  }

  /** Whether it is this agent's to read: a look at a colleague's chat takes nothing from their unread ones. */
  get isOurs() {
    return ["", client.me.uid].includes(this.conversation.root.dataset.assignee);
  }

  /** Tell the server what was seen. */
  report() {
    const seq = this.newestOfVisitor;
    if (seq <= this.read || !this.isLooking || !this.isOurs) return;
    const { line, uid } = this.conversation;
    if (line.send({ type: "read", chat: uid, seq: this.timeline.last })) this.read = seq;
  }

  /** An entry came: follow it when the end was in sight, count it otherwise. */
  arrived(message, follow) {
    if (follow) this.timeline.toEnd();
    if (message.by === "visitor") {
      if (!follow || !this.isLooking) this.markNew(this.read);
      if (!follow) this.missed += 1;
      document.getElementById("announce").textContent = t("says", { name: this.conversation.name, text: message.body });
      this.conversation.line.send({ type: "delivered", chat: this.conversation.uid, seq: message.seq });
    } else if (message.by === "agent" && message.kind !== "note") this.clearNew();
    this.showJump();
    this.report();
  }

  /** Draw the line above the first entry of the visitor that has not been read. */
  markNew(after) {
    if (this.timeline.root.querySelector(".new-line")) return;
    const first = this.timeline.own.find((entry) => entry.dataset.by === "visitor" && Number(entry.dataset.seq) > after);
    if (first) first.before(element("li", { class: "new-line" }, element("span", {}, t("new_messages"))));
    this.timeline.arrange();
  }

  clearNew() {
    this.timeline.root.querySelector(".new-line")?.remove();
    this.timeline.arrange();
  }

  scrolled() {
    if (this.timeline.isAtEnd) this.missed = 0;
    this.showJump();
    this.report();
  }

  showJump() {
    this.jump.hidden = this.timeline.isAtEnd;
    slot(this.jump, "label").textContent = this.missed ? `${t("new_messages")} (${capped(this.missed)})` : t("newest");
  }

  /** Pictures that load and windows that shrink do not push the end out of sight. */
  stickToEnd(signal) {
    let atEnd = true;
    this.timeline.scroller.addEventListener("scroll", () => (atEnd = this.timeline.isAtEnd), { signal, passive: true });
    const observer = new ResizeObserver(() => atEnd && this.timeline.toEnd());
    observer.observe(this.timeline.root);
    observer.observe(this.timeline.scroller);
    signal.addEventListener("abort", () => observer.disconnect());
  }
}
