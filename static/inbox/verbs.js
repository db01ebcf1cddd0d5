// The verbs: forms that also work without this script. Here they post in place and say what went wrong where it went wrong.
import { post } from "./api.js";
import { toast } from "./toasts.js";

export function startVerbs(refreshSide) {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-verb]");
    if (!form) return;
    event.preventDefault();
    run(form, refreshSide);
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest('form[data-verb="priority"]')) event.target.form.requestSubmit();
  });
}

async function run(form, refreshSide) {
  const button = form.querySelector("button:not([type='button']):not([type='reset'])");
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  if (button) button.ariaBusy = "true";
  showError(form, "");
  try {
    await post(form.action, new FormData(form));
    const menu = form.closest("details.menu");
    if (menu) menu.open = false;
    if (form.matches(".details")) delete form.dataset.dirty;
    if (form.dataset.verb === "tag") form.reset();
    await refreshSide({ keepFocus: form.dataset.verb });
  } catch (error) {
    if (!showError(form, error.message)) toast(error.message, "error");
  } finally {
    form.ariaBusy = null;
    if (button) button.ariaBusy = null;
  }
}

function showError(form, text) {
  const box = form.querySelector(".errors");
  if (!box) return false;
  box.textContent = text;
  box.hidden = !text;
  return true;
}
