// Menus are <details>: one open at a time, closed by Escape or a click elsewhere; content is fetched when it is needed.
import { t } from "./client.js";
import { getPart } from "./api.js";
import { blank, element } from "./dom.js";

async function load(menu) {
  const box = menu.querySelector("[data-loaded-into]");
  box.replaceChildren(blank("skeleton"));
  try {
    const fresh = await getPart(menu.dataset.load, "menu");
    box.replaceChildren(...fresh.body.childNodes);
    if (menu.open) (box.querySelector("[autofocus]") || box.querySelector("input, button, a"))?.focus();
  } catch (error) {
    const again = element("button", { type: "button", class: "button" }, t("retry"));
    again.addEventListener("click", () => load(menu));
    box.replaceChildren(element("p", { class: "menu-empty" }, error.message), again);
  }
}

function closeOthers(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

export function closeMenu() {
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

export function openMenu(name) {
  const menu = document.querySelector(`details[data-menu="${name}"]`);
  if (menu) menu.open = true;
}

/** Up and down between links, as radio buttons have it by themselves. */
function step(event) {
  const links = [...(event.target.closest?.(".menu-links")?.querySelectorAll("a") ?? [])];
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!links.length || !way) return;
  event.preventDefault();
  links.at((links.indexOf(event.target) + way) % links.length).focus();
}

export function startMenus() {
  document.addEventListener("keydown", step);
  document.addEventListener("toggle", ({ target }) => {
    if (!target.matches?.("details.menu") || !target.open) return;
    closeOthers(target);
    if (target.dataset.load) load(target);
    else target.querySelector(".menu-body [autofocus]")?.focus();
  }, true);
  document.addEventListener("pointerdown", (event) => closeOthers(event.target));
  // A press on a label gives the focus to the region around the menu for a moment: that is not leaving it.
  document.addEventListener("focusin", ({ target }) => target.querySelector("details.menu[open]") || closeOthers(target));
}
