// The visitor panel: folds, its details are edited in place, tags are suggested.
import { getJson } from "./api.js";
import { debounce, element } from "./dom.js";
import { mine } from "./client.js";

const KEY = mine("panel");
const wide = matchMedia("(min-width: 64rem)");

export function togglePanel() {
  const inbox = document.getElementById("inbox");
  if (wide.matches) {
    const hidden = inbox.dataset.panel === "hidden";
    localStorage.setItem(KEY, hidden ? "" : "hidden");
    inbox.dataset.panel = hidden ? "" : "hidden";
  } else inbox.dataset.panel = inbox.dataset.panel === "shown" ? "" : "shown";
  showState();
  const close = document.querySelector("[data-close-panel]");
  if (inbox.dataset.panel === "shown") close?.focus();
  else document.getElementById("panel-toggle")?.focus();
}

export function closePanel() {
  const inbox = document.getElementById("inbox");
  if (wide.matches || inbox.dataset.panel !== "shown") return false;
  togglePanel();
  return true;
}

export function showState() {
  const inbox = document.getElementById("inbox");
  const shown = wide.matches ? inbox.dataset.panel !== "hidden" : inbox.dataset.panel === "shown";
  document.getElementById("panel-toggle")?.setAttribute("aria-expanded", String(shown));
}

const suggest = debounce(async (input) => {
  const { tags } = await getJson(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`).catch(() => ({ tags: [] }));
  input.list.replaceChildren(...tags.map((tag) => element("option", { value: tag })));
}, 200);

export function startPanel() {
  const inbox = document.getElementById("inbox");
  inbox.dataset.panel = wide.matches ? localStorage.getItem(KEY) || "" : "";
  wide.addEventListener("change", () => {
    inbox.dataset.panel = wide.matches ? localStorage.getItem(KEY) || "" : "";
    showState();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#panel-toggle, [data-close-panel]")) togglePanel();
    else if (inbox.dataset.panel === "shown" && !event.target.closest("#panel")) closePanel();
  });
  document.addEventListener("input", (event) => {
    if (event.target.form?.matches(".details")) event.target.form.dataset.dirty = "";
    if (event.target.id === "tag") suggest(event.target);
  });
  document.addEventListener("reset", (event) => event.target.matches(".details") && delete event.target.dataset.dirty);
  document.addEventListener("focusin", (event) => event.target.id === "tag" && suggest(event.target));
}
