// Who is writing: the visitor's words as they come, and the agent's own signal, never for a note.
import { t } from "./client.js";
import { slot } from "./dom.js";

const EVERY = 3000;
const IDLE = 5000;
const FORGET = 8000;

export function watchTyping(conversation) {
  showTheirs(conversation);
  tellOurs(conversation);
}

function showTheirs({ line, uid, name, signal, timeline }) {
  const box = document.getElementById("typing");
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    box.hidden = true;
  };
  line.addEventListener("frame:typing", ({ detail }) => {
    if (detail.chat !== uid) return;
    if (!detail.on) return hide();
    const atEnd = timeline.isAtEnd;
    const who = detail.by === "visitor" ? name : detail.name;
    slot(box, "who").textContent = t(detail.preview ? "typing_preview" : "typing", { name: who });
    const preview = slot(box, "preview");
    preview.hidden = !detail.preview;
    preview.textContent = detail.preview || "";
    box.hidden = false;
    if (atEnd) timeline.toEnd();
    clearTimeout(timer);
    timer = setTimeout(hide, FORGET);
  }, { signal });
  line.addEventListener("frame:message", ({ detail }) => detail.chat === uid && detail.message.by !== "system" && hide(), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
}

function tellOurs({ line, uid, signal }) {
  const composer = document.getElementById("composer");
  if (!composer?.elements.body) return;
  let last = 0;
  let idle = 0;
  const stop = () => {
    clearTimeout(idle);
    if (last) line.send({ type: "typing", chat: uid, on: false });
    last = 0;
  };
  composer.addEventListener("input", (event) => {
    if (composer.elements.kind.value === "note" || !composer.elements.body.value.trim()) return stop();
    if (event.target !== composer.elements.body) return;
    if (Date.now() - last > EVERY && line.send({ type: "typing", chat: uid, on: true })) last = Date.now();
    clearTimeout(idle);
    idle = setTimeout(stop, IDLE);
  }, { signal });
  composer.addEventListener("submit", stop, { signal });
  composer.elements.body.addEventListener("blur", stop, { signal });
  signal.addEventListener("abort", stop);
}
