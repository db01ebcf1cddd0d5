// Fills one line of the list: what row.html draws, from the protocol's row.
import { capped, client, t } from "./client.js";
import { blank, slot } from "./dom.js";
import { asked } from "./listing.js";
import { initials, setHue } from "./people.js";
import { makeTime, setTime } from "./times.js";

export function makeRow(row) {
  const item = blank("row");
  fillRow(item, row);
  return item;
}

export function fillRow(item, row) {
  const link = item.querySelector(".row");
  link.href = address(row.uid);
  Object.assign(link.dataset, { uid: row.uid, status: row.status, priority: row.priority, unread: row.unread });
  link.dataset.sort = row.last_at;
  link.dataset.queued = row.queued_at;
  setHue(slot(link, "avatar"), row.visitor.uid);
  slot(link, "initials").textContent = initials(row.visitor.name);
  slot(link, "online").hidden = !row.visitor.online;
  slot(link, "name").textContent = row.visitor.name;
  slot(link, "text").textContent = row.last_text;
  const parked = isParked(row);
  slot(link, "parked").hidden = !parked;
  if (parked) showTime(slot(link, "time"), row.parked_until, "until");
  else showTime(slot(link, "time"), row.status === "waiting" ? row.queued_at : row.last_at, "ago");
  slot(link, "priority").hidden = !["high", "urgent"].includes(row.priority);
  showTrigger(slot(link, "trigger"), row.trigger);
  const agent = slot(link, "agent");
  agent.hidden = !row.agent;
  agent.textContent = initials(row.agent?.name);
  agent.title = row.agent?.name || "";
  const unread = slot(link, "unread");
  unread.hidden = !row.unread;
  unread.textContent = capped(row.unread);
  slot(link, "state").textContent = state(row);
}

export function address(uid) {
  return `${client.urls.inbox}chats/${uid}?${asked({ view: document.getElementById("list").dataset.view })}`;
}

/** Begun outside opening hours: nobody is given it before that. */
export const isParked = (row) => Boolean(row.parked_until) && new Date(row.parked_until) > new Date();

function showTrigger(mark, trigger) {
  mark.hidden = !trigger;
  mark.title = trigger ? t("triggered", trigger) : "";
  mark.querySelector(".sr").textContent = mark.title;
}

function showTime(box, iso, shape) {
  const time = box.querySelector("time");
  if (time) setTime(time, iso, shape);
  else box.replaceChildren(makeTime(iso, shape));
}

function state(row) {
  const where = { waiting: t(isParked(row) ? "parked" : "waiting"), closed: t("closed") }[row.status] ?? t("with_agent", { name: row.agent?.name });
  return row.unread ? `${where}, ${t("unread", { n: row.unread })}` : where;
}
