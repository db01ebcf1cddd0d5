// Saved answers in the composer: a slash at the beginning of a word opens a list; what is chosen takes the slash's place.
import { client, t } from "./client.js";
import { getJson } from "./api.js";
import { debounce, element } from "./dom.js";

const AFTER_SLASH = /(^|\s)\/([\p{L}\p{N}_-]{0,40})$/u;
const PATIENCE = 120;
const OPENED = ["aria-haspopup", "aria-controls", "aria-autocomplete", "aria-activedescendant"];

export function offerAnswers(form, signal) {
  const body = form.elements.body;
  const list = document.getElementById("answers");
  let found = [];
  let chosen = 0;

  const typed = () => AFTER_SLASH.exec(body.value.slice(0, body.selectionStart));

  function close() {
    list.hidden = true;
    found = [];
    for (const name of OPENED) body.removeAttribute(name);
  }

  /** A field for many lines may not be called a combobox: it says that it has a list, and which option is meant. */
  function open() {
    list.hidden = false;
    body.setAttribute("aria-haspopup", "listbox");
    body.setAttribute("aria-controls", "answers");
    body.setAttribute("aria-autocomplete", "list");
  }

  function choose(index) {
    chosen = (index + found.length) % found.length;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    body.setAttribute("aria-activedescendant", `answer-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  function put(answer) {
    const [, , word] = typed() ?? [];
    if (word === undefined) return close();
    const end = body.selectionStart;
    body.setRangeText(answer.text, end - word.length - 1, end, "end");
    close();
    body.dispatchEvent(new Event("input", { bubbles: true }));
    body.focus();
  }

  function show(answers) {
    found = answers;
    list.replaceChildren(...answers.map(option));
    if (!answers.length) list.append(element("li", { class: "answers-none", role: "option", "aria-disabled": "true" }, t("answers_none")));
    open();
    if (answers.length) choose(0);
  }

  function option(answer, at) {
    const made = element(
      "li",
      { role: "option", id: `answer-${at}`, class: "answers-option" },
      element("strong", {}, answer.title),
      element("code", {}, `/${answer.shortcut}`),
      element("span", {}, answer.text),
    );
    // Before the field loses the focus.
    made.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      put(answer);
    });
    return made;
  }

  const look = debounce(async () => {
    const [, , word] = typed() ?? [];
    if (word === undefined || signal.aborted) return close();
    const told = await getJson(`${client.urls.answers}?q=${encodeURIComponent(word)}`).catch(() => ({ answers: [] }));
    // Somebody typed on meanwhile: that look is under way.
    if (typed()?.[2] === word && document.activeElement === body) show(told.answers);
  }, PATIENCE);

  body.addEventListener("input", () => (typed() ? look() : close()), { signal });
  body.addEventListener("blur", close, { signal });
  body.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "Escape") close();
    else if (!found.length) return;
    else if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") put(found[chosen]);
    else return;
    // Not the composer's sending, nor the page's leaving.
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { signal });
}
