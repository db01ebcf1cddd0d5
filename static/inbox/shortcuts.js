// Everything by keyboard: single letters while no field has the focus. contexts.shortcuts() lists them in the dialog.
import { toggleNote, write } from "./composer.js";
import { currentChat } from "./dom.js";
import { closeMenu, openMenu } from "./menus.js";
import { closePanel, togglePanel } from "./panel.js";

const isField = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const submit = (verb) => document.querySelector(`#chat-head form[data-verb="${verb}"]`)?.requestSubmit();
const letter = (event) => (/^[a-z]$/i.test(event.key) || !event.code.startsWith("Key") ? event.key : event.code.slice(3)).toLowerCase();

export function showHelp() {
  document.getElementById("shortcuts").showModal();
}

function focusIn(id) {
  const inbox = document.getElementById("inbox");
  if (getComputedStyle(document.getElementById("panel")).visibility === "hidden" || inbox.dataset.panel === "hidden") togglePanel();
  document.getElementById(id)?.focus();
}

export function startShortcuts({ openChat }) {
  let leader = 0;

  function move(step) {
    const links = [...document.querySelectorAll("#rows .row")];
    const now = links.findIndex((link) => link.dataset.uid === currentChat());
    const next = links[now < 0 ? 0 : Math.min(Math.max(now + step, 0), links.length - 1)];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    next.focus({ preventScroll: true });
    openChat(next.dataset.uid);
  }

  const view = (name) => document.querySelector(`.rail-item[data-view="${name}"]`).click();
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => document.getElementById("search").focus(),
    "?": showHelp,
    c: () => write("text"),
    n: () => write("note"),
    t: () => submit("take"),
    a: () => openMenu("assign"),
    r: () => openMenu("transfer"),
    e: () => (submit("reopen"), openMenu("close")),
    l: () => focusIn("tag"),
    p: () => focusIn("priority"),
    i: togglePanel,
    g: () => (leader = Date.now()),
  };
  const afterG = { m: () => view("mine"), w: () => view("waiting"), a: () => view("all"), c: () => view("closed") };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const key = letter(event);
    if (event.altKey && key === "n" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return toggleNote();
    }
    if (event.key === "Escape") return escape(event);
    if (isField(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = (Date.now() - leader < 1500 && afterG[key]) || actions[key];
    if (key !== "g") leader = 0;
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog).showModal();
  });
}

function escape(event) {
  if (closeMenu() || closePanel()) return event.preventDefault();
  if (isField(event.target)) event.target.blur();
}

