// Fills one line of the list: what row.html draws, from the protocol's row.
import { capped, client, t } from "./client.js";
import { blank, slot } from "./dom.js";
import { initials, setHue } from "./people.js";
import { makeTime, setTime } from "./times.js";

export function makeRow(row) {
  const item = blank("row");
  fillRow(item, row);
  return item;
}

export function fillRow(item, row) {
  const link = item.querySelector(".row");
  const list = document.getElementById("list");
  link.href = address(row.uid, list);
  Object.assign(link.dataset, { uid: row.uid, status: row.status, priority: row.priority, unread: row.unread });
  link.dataset.sort = row.last_at;
  link.dataset.queued = row.queued_at;
  setHue(slot(link, "avatar"), row.visitor.uid);
  slot(link, "initials").textContent = initials(row.visitor.name);
  slot(link, "online").hidden = !row.visitor.online;
  slot(link, "name").textContent = row.visitor.name;
  slot(link, "text").textContent = row.last_text;
  showTime(slot(link, "time"), row.status === "waiting" ? row.queued_at : row.last_at);
  slot(link, "priority").hidden = !["high", "urgent"].includes(row.priority);
  const agent = slot(link, "agent");
  agent.hidden = !row.agent;
  agent.textContent = initials(row.agent?.name);
  agent.title = row.agent?.name || "";
  const unread = slot(link, "unread");
  unread.hidden = !row.unread;
  unread.textContent = capped(row.unread);
  slot(link, "state").textContent = state(row);
}

export function address(uid, list = document.getElementById("list")) {
  const query = new URLSearchParams({ view: list.dataset.view });
  if (list.dataset.query) query.set("q", list.dataset.query);
  return `${client.urls.inbox}chats/${uid}?${query}`;
}

function showTime(box, iso) {
  const time = box.querySelector("time");
  if (time) setTime(time, iso);
  else box.replaceChildren(makeTime(iso, "ago"));
}

function state(row) {
  const where = { waiting: t("waiting"), closed: t("closed") }[row.status] ?? t("with_agent", { name: row.agent?.name });
  return row.unread ? `${where}, ${t("unread", { n: row.unread })}` : where;
}
