// Where the agent writes: a reply or a note, never in doubt which. Enter sends, but not in the middle of a composed character.
import { offerAnswers } from "./answers.js";
import { client, t } from "./client.js";
import { slot } from "./dom.js";
import { keepDraft, readDraft } from "./drafts.js";
import { showPending } from "./pending.js";
import { Uploads } from "./uploads.js";

const TALLEST = 240;

export function startComposer(conversation) {
  const form = document.getElementById("composer");
  if (!form?.elements.body) return;
  const { signal, uid } = conversation;
  const body = form.elements.body;
  const uploads = new Uploads(form, conversation);

  const save = () => keepDraft(uid, form.elements.kind.value, body.value);
  const restore = () => {
    const draft = readDraft(uid);
    if (!draft) return;
    form.elements.kind.value = draft.kind;
    body.value = draft.body;
  };
  const refresh = () => {
    showMode(form, conversation.name);
    grow(body);
    document.getElementById("send").disabled = uploads.isBusy || !(body.value.trim() || uploads.ready.length);
  };

  function send() {
    if (document.getElementById("send").disabled) return;
    const item = conversation.outbox.add({ chat: uid, kind: form.elements.kind.value, body: body.value.trim(), files: uploads.take() });
    showPending(conversation, item);
    body.value = "";
    // The next thing is a reply again, so that a note is always meant.
    form.elements.kind.value = "text";
    save();
    refresh();
    body.focus();
  }

  restore();
  refresh();
  // Its keys come first: Enter takes an answer before it sends.
  offerAnswers(form, signal);
  form.addEventListener("input", () => {
    save();
    refresh();
  }, { signal });
  uploads.addEventListener("change", refresh, { signal });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  }, { signal });
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (matchMedia("(hover: none) and (pointer: coarse)").matches) return;
    event.preventDefault();
    send();
  }, { signal });
}

/** Make reply or note the mode, and write. */
export function write(kind) {
  const form = document.getElementById("composer");
  if (!form?.elements.body) return;
  form.elements.kind.value = kind;
  form.dispatchEvent(new Event("input"));
  form.elements.body.focus();
}

/** Put a text into the reply, after what is there already. */
export function insert(text) {
  const form = document.getElementById("composer");
  if (!form?.elements.body) return;
  const body = form.elements.body;
  form.elements.kind.value = "text";
  body.value = body.value.trim() ? `${body.value.trimEnd()}\n\n${text}` : text;
  body.setSelectionRange(body.value.length, body.value.length);
  form.dispatchEvent(new Event("input"));
  body.focus();
}

export function toggleNote() {
  const form = document.getElementById("composer");
  if (form?.elements.body) write(form.elements.kind.value === "note" ? "text" : "note");
}

function showMode(form, name) {
  const note = form.elements.kind.value === "note";
  form.dataset.mode = note ? "note" : "reply";
  form.elements.body.placeholder = t(note ? "write_note" : "write_reply");
  const hint = document.getElementById("mode-hint");
  const text = note ? t("note_hint") : t("reply_hint", { name });
  if (hint.textContent !== text) hint.textContent = text;
  const button = document.getElementById("send");
  slot(button, "label").textContent = t(note ? "add_note" : "send");
  button.querySelector("use").setAttribute("href", `${client.sprite}#${note ? "lock" : "send"}`);
}

function grow(body) {
  body.style.blockSize = "auto";
  body.style.blockSize = `${Math.min(body.scrollHeight, TALLEST)}px`;
}
