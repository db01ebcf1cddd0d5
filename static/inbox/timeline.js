// The timeline's order: where an entry goes, which day it stands under, which bubbles stand together.
import { element } from "./dom.js";
import { dayKey, dayName } from "./times.js";

const GROUP = 5 * 60 * 1000;
const at = (entry) => new Date(entry.dataset.at);

export class Timeline {
  constructor(root, uid) {
    this.root = root;
    this.uid = uid;
    this.scroller = root.closest(".timeline");
    this.arrange();
  }

  get entries() {
    return [...this.root.querySelectorAll(".entry[data-seq]:not([data-seq=''])")];
  }

  get own() {
    return this.entries.filter((entry) => entry.dataset.chat === this.uid);
  }

  get last() {
    return Math.max(0, ...this.own.map((entry) => Number(entry.dataset.seq)));
  }

  has(seq) {
    return Boolean(this.bySeq(seq));
  }

  bySeq(seq) {
    return this.root.querySelector(`.entry[data-chat="${this.uid}"][data-seq="${seq}"]`);
  }

  byClient(id) {
    return id ? this.root.querySelector(`.entry[data-client="${CSS.escape(id)}"]`) : null;
  }

  /** Put a stored entry where its seq says; whatever is pending stays below. */
  insert(entry) {
    const seq = Number(entry.dataset.seq);
    const later = this.own.find((other) => Number(other.dataset.seq) > seq);
    this.root.insertBefore(entry, later ?? this.root.querySelector(".entry.pending"));
    this.arrange();
  }

  append(entry) {
    this.root.append(entry);
    this.arrange();
  }

  /** Put older entries above, and keep what is being read where it is. */
  prepend(nodes) {
    const height = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.root.prepend(...nodes);
    this.arrange();
    this.scroller.scrollTop = this.scroller.scrollHeight - height;
  }

  /** Redraw day lines and groups; cheap, because nothing changes where nothing has to. */
  arrange() {
    let before = null;
    for (const entry of this.root.querySelectorAll(".entry")) {
      const newDay = !before || dayKey(at(before)) !== dayKey(at(entry));
      setDay(entry, newDay);
      entry.toggleAttribute("data-first", newDay || beginsGroup(entry, before));
      before = entry;
    }
  }

  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  toEnd(smooth = false) {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }
}

function beginsGroup(entry, before) {
  if (!before || entry.previousElementSibling !== before) return true;
  const kinds = [before.dataset.kind, entry.dataset.kind];
  if (kinds.includes("event") || kinds.includes("note") !== kinds.every((kind) => kind === "note")) return true;
  return before.dataset.author !== entry.dataset.author || at(entry) - at(before) > GROUP;
}

function setDay(entry, wanted) {
  let line = entry.previousElementSibling;
  // The day stands above the line that says where the new messages begin.
  if (line?.matches(".new-line")) line = line.previousElementSibling;
  const found = line?.matches("[data-day]");
  if (!wanted) {
    if (found) line.remove();
    return;
  }
  if (!found) {
    line = element("li", { class: "day", "data-day": "" }, element("span"));
    entry.before(line);
  }
  const name = dayName(at(entry));
  if (line.textContent.trim() !== name) line.firstElementChild.textContent = name;
}
