// Builds one entry of the timeline from the protocol's message, in the shapes of entry.html.
import { makeCard } from "./card.js";
import { t } from "./client.js";
import { blank, blankEntry, icon, slot } from "./dom.js";
import { linkify } from "./links.js";
import { makeTime } from "./times.js";

export function makeEntry(message, visitorName) {
  return message.kind === "event" ? makeEvent(message) : makeBubble(message, visitorName);
}

function makeEvent(message) {
  const entry = blankEntry("event");
  label(entry, message);
  entry.dataset.event = message.payload.event;
  slot(entry, "sentence").textContent = message.sentence;
  const line = entry.querySelector("p");
  if (message.payload.event === "rated") line.prepend(icon("star"));
  line.append(" ", makeTime(message.at, "clock"));
  return entry;
}

function makeBubble(message, visitorName) {
  const entry = blankEntry(message.kind === "note" ? "note" : "bubble");
  entry.className = `entry ${message.kind}`;
  label(entry, message);
  entry.dataset.by = message.by;
  entry.dataset.author = message.agent?.uid || message.by;
  entry.dataset.client = message.client_id || "";
  if (message.payload?.rich) Object.assign(entry.dataset, { uid: message.uid, rich: JSON.stringify(message.payload.rich) });
  slot(entry, "name").textContent = authorName(message, visitorName);
  if (message.by === "bot") slot(entry, "name").before(icon("bot"));
  const body = slot(entry, "body");
  body.textContent = message.body;
  if (message.body) linkify(body);
  else body.remove();
  if (message.card) entry.querySelector(".bubble").append(makeCard(message));
  entry.querySelector(".bubble").append(...message.attachments.map(makeFile));
  entry.querySelector(".marks-time").replaceChildren(makeTime(message.at, "clock"));
  setMark(entry, receipt(message));
  return entry;
}

function label(entry, message) {
  Object.assign(entry.dataset, { seq: message.seq, chat: message.chat, at: message.at, kind: message.kind });
}

function authorName(message, visitorName) {
  if (message.agent) return message.agent.name;
  if (message.payload.trigger) return t("automatic", { name: message.payload.trigger.name });
  return message.by === "visitor" ? visitorName || t("visitor") : t("integration");
}

function receipt(message) {
  if (message.by === "visitor" || message.kind === "note") return "";
  if (message.read_at) return "read";
  return message.delivered_at ? "delivered" : "sent";
}

/** Show how far the entry has come: sending, queued, failed, sent, delivered, read. */
export function setMark(entry, state) {
  const mark = slot(entry, "mark");
  if (!mark || mark.dataset.state === state) return;
  mark.dataset.state = state;
  mark.textContent = state ? t(state) : "";
}

export function makeFile(file) {
  const link = blank(file.type);
  link.href = file.url;
  if (file.type === "image") {
    const picture = link.querySelector("img");
    picture.src = file.url;
    picture.alt = file.name;
  } else {
    link.querySelector(".file-name").textContent = file.name;
    link.querySelector(".meta").textContent = fileSize(file.size);
  }
  return link;
}

export function fileSize(bytes) {
  const kilobytes = bytes / 1024;
  return kilobytes >= 1024 ? `${(kilobytes / 1024).toFixed(1)} MB` : `${Math.max(1, Math.round(kilobytes))} KB`;
}
