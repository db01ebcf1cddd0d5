// An entry that is on its way: shown at once, with a way to send it again or drop it when it failed.
import { client, t } from "./client.js";
import { element, slot } from "./dom.js";
import { makeEntry, setMark } from "./entry.js";

export function showPending(conversation, item) {
  conversation.timeline.byClient(item.id)?.remove();
  const entry = makeEntry(
    {
      kind: item.kind,
      by: "agent",
      agent: client.me,
      chat: item.chat,
      seq: "",
      at: item.at,
      body: item.body,
      attachments: item.files,
      client_id: item.id,
    },
    conversation.name,
  );
  entry.classList.add("pending");
  showState(conversation, entry, item);
  conversation.timeline.append(entry);
  conversation.timeline.toEnd();
}

function showState(conversation, entry, item) {
  if (item.state !== "failed") {
    // A note has no receipts, but whether it is stored matters as much.
    slot(entry, "mark").dataset.state = "";
    return setMark(entry, conversation.line.isOpen ? "sending" : "queued");
  }
  entry.classList.add("failed");
  setMark(entry, "failed");
  const again = element("button", { type: "button", class: "link" }, t("resend"));
  const drop = element("button", { type: "button", class: "link" }, t("discard"));
  again.addEventListener("click", () => {
    conversation.outbox.retry(item.id);
    showPending(conversation, conversation.outbox.get(item.id) ?? { ...item, state: "sending" });
  });
  drop.addEventListener("click", () => {
    conversation.outbox.discard(item.id);
    entry.remove();
  });
  entry.append(element("p", { class: "failure", role: "alert" }, item.error || t("failed"), " ", again, " ", drop));
}
