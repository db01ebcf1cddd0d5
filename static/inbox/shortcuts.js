// Everything by keyboard: single letters while no field has the focus. contexts.shortcuts() lists them in the dialog.
import { toggleNote, write } from "./composer.js";
import { currentChat } from "./dom.js";
import { going, isField, letter, listen, showHelp } from "./keys.js";
import { closeMenu, openMenu } from "./menus.js";
import { closePanel, togglePanel } from "./panel.js";

const submit = (verb) => document.querySelector(`#chat-head form[data-verb="${verb}"]`)?.requestSubmit();

function focusIn(id) {
  const inbox = document.getElementById("inbox");
  if (getComputedStyle(document.getElementById("panel")).visibility === "hidden" || inbox.dataset.panel === "hidden") togglePanel();
  document.getElementById(id)?.focus();
}

export function startShortcuts({ openChat }) {
  function move(step) {
    const links = [...document.querySelectorAll("#rows .row")];
    const now = links.findIndex((link) => link.dataset.uid === currentChat());
    const next = links[now < 0 ? 0 : Math.min(Math.max(now + step, 0), links.length - 1)];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    next.focus({ preventScroll: true });
    openChat(next.dataset.uid);
  }

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => document.getElementById("search").focus(),
    "?": showHelp,
    c: () => write("text"),
    n: () => write("note"),
    t: () => submit("take"),
    f: () => openMenu("filter"),
    a: () => openMenu("assign"),
    r: () => openMenu("transfer"),
    e: () => (submit("reopen"), openMenu("close")),
    l: () => focusIn("tag"),
    p: () => focusIn("priority"),
    i: togglePanel,
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (!event.altKey || letter(event) !== "n" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    toggleNote();
  });
  listen(actions, going, escape);
}

function escape(event) {
  if (closeMenu() || closePanel()) return event.preventDefault();
  if (isField(event.target)) event.target.blur();
}
