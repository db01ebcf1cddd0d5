// Short sentences at the edge of the screen.
import { element } from "./dom.js";

const SHOWN = 6000;

export function toast(text, kind = "info") {
  const box = document.getElementById("toasts");
  const line = element("p", { class: `toast ${kind}` }, text);
  box.append(line);
  setTimeout(() => line.remove(), SHOWN);
}

export function startToasts() {
  document.querySelectorAll("#toasts .toast").forEach((line) => setTimeout(() => line.remove(), SHOWN));
  document.getElementById("toasts").addEventListener("click", (event) => event.target.closest(".toast")?.remove());
}
