// The action card of a message that names a command. Whatever it shows is a stranger's, and only ever text.
import { blank, element, slot } from "./dom.js";

export function makeCard(message) {
  const card = blank("card");
  const form = card.querySelector("form");
  form.action = form.getAttribute("action").replace(/[^/]*(?=\/lookup$)/, message.chat);
  slot(card, "seq").value = message.seq;
  return fillCard(card, message.card);
}

export function fillCard(card, { title, name, value, state, answer, problem }) {
  card.dataset.state = state;
  slot(card, "title").textContent = title || name;
  slot(card, "value").textContent = value;
  slot(card, "problem").textContent = problem;
  const lines = slot(card, "answer");
  lines.replaceChildren(...answer.map((line) => element("div", {}, ...line.map(fact))));
  lines.hidden = !answer.length;
  return card;
}

const fact = (text, index) => element(index ? "dd" : "dt", { dir: "auto" }, text);

/** The seqs of cards whose lookup was under way when they were last heard of. */
export function askingSeqs(timeline) {
  return timeline.own.filter((entry) => entry.querySelector('[data-card][data-state="owed"]')).map((entry) => Number(entry.dataset.seq)).slice(-100);
}
