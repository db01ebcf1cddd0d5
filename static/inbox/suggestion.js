// A program's draft above the composer: the agent uses it (it goes into the reply, unsent) or dismisses it.
import { post } from "./api.js";
import { t } from "./client.js";
import { insert } from "./composer.js";
import { slot } from "./dom.js";
import { toast } from "./toasts.js";

export function watchSuggestions({ line, uid, signal }) {
  const card = document.getElementById("suggestion");
  if (!card) return;
  const form = card.querySelector("form");
  const news = document.getElementById("suggestion-news");

  function show(suggestion) {
    card.hidden = !suggestion;
    card.dataset.uid = suggestion?.uid ?? "";
    news.textContent = suggestion ? t("suggestion_came") : "";
    if (!suggestion) return;
    form.elements.suggestion.value = suggestion.uid;
    slot(card, "by").textContent = suggestion.by;
    slot(card, "body").textContent = suggestion.body;
    slot(card, "sources").hidden = !suggestion.sources.length;
    slot(card, "titles").textContent = suggestion.sources.join(", ");
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [decision, words] = [event.submitter.value, slot(card, "body").textContent];
    const data = new FormData(form, event.submitter);
    show(null);
    if (decision === "used") insert(words);
    // It is gone for us either way; a failure only means that colleagues still see it.
    await post(form.action, data).catch((error) => error.status === 404 || toast(error.message, "error"));
  }, { signal });
  line.addEventListener("frame:suggestion", ({ detail }) => detail.chat === uid && show(detail.suggestion), { signal });
  line.addEventListener("frame:synced", ({ detail }) => {
    if (detail.chat === uid && (detail.suggestion?.uid ?? "") !== (card.dataset.uid ?? "")) show(detail.suggestion);
  }, { signal });
  // Somebody of the team answered: it is no answer any more.
  line.addEventListener("frame:message", ({ detail: { chat, message } }) => {
    if (chat === uid && message.by !== "visitor" && !["event", "note"].includes(message.kind)) show(null);
  }, { signal });
}
