// Cards, quick replies and stickers stand in the place of their words, drawn as the visitor sees them. Links lead where
// they lead the visitor; the other buttons are the visitor's alone, and those that were pressed are marked.
import { cards, STYLE, tel } from "../widget/cards.js";
import { link } from "../widget/entries.js";
import { t } from "./client.js";
import { element, icon } from "./dom.js";

const CLICK = "click:";
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
document.adoptedStyleSheets.push(sheet);

export const isRich = (message) => Boolean(message.payload?.rich) || Boolean(message.client_id?.startsWith(CLICK));

/** Draw what is not drawn yet, and mark what the visitor has pressed since. */
export function showRich(root) {
  for (const entry of root.querySelectorAll(".entry[data-rich]")) draw(entry);
  for (const answer of root.querySelectorAll(`.entry[data-client^="${CLICK}"]`)) mark(root, answer);
}

function draw(entry) {
  const rich = JSON.parse(entry.dataset.rich);
  delete entry.dataset.rich;
  const place = (i, j) => (rich.template_id === "quick_replies" ? "" : `:${i}:${j}`);
  const key = (i, j) => `${CLICK}${entry.dataset.uid}${place(i, j)}`;
  entry.querySelector(".bubble").replaceChildren(cards(rich, (button, j, i) => choice(button, key(i, j))));
}

function choice({ type, text, value }, key) {
  const made = SHAPES[type](text, value);
  Object.assign(made.dataset, { click: key, text });
  return made;
}

const SHAPES = {
  message: (text) => element("span", { class: "choice", title: t("only_visitor") }, text),
  phone: (text, value) => element("a", { class: "choice", href: tel(value), title: value }, icon("phone"), text),
  url: toPage,
  webview: toPage,
};

function toPage(text, value) {
  const made = link(value, text, value, { class: "choice" });
  made.prepend(icon("globe"));
  return made;
}

function mark(root, answer) {
  const words = answer.querySelector(".words")?.textContent;
  for (const made of root.querySelectorAll(`[data-click="${CSS.escape(answer.dataset.client)}"]:not([data-picked])`)) {
    if (made.dataset.text !== words) continue; // another one of the same quick replies
    made.dataset.picked = "";
    made.title = t("picked");
    made.prepend(icon("check"));
    made.append(element("span", { class: "sr" }, ` (${t("picked")})`));
  }
}
