// The list, live: rows come, move and go as frames arrive, and are fetched again when a frame was missed.
import { client, t } from "./client.js";
import { getPart } from "./api.js";
import { currentChat } from "./dom.js";
import { isWanted, listAddress } from "./listing.js";
import { fillRow, makeRow } from "./row.js";
import { showTimes } from "./times.js";
import { toast } from "./toasts.js";

const RANK = { urgent: 4, high: 3, medium: 2, low: 1 };
const list = () => document.getElementById("list");
const rows = () => document.getElementById("rows");
export const findRow = (uid) => rows().querySelector(`.row[data-uid="${uid}"]`)?.closest("li");

/** Whether a chat stands in the list that is shown. */
function belongs(row) {
  if (row.gone || !isWanted(row)) return false;
  const open = row.status !== "closed";
  const views = { mine: open && row.agent?.uid === client.me.uid, waiting: row.status === "waiting", all: open, closed: !open };
  return views[list().dataset.view];
}

function before(a, b) {
  if (list().dataset.view === "waiting") {
    const rank = RANK[b.priority] - RANK[a.priority];
    return rank ? rank < 0 : a.queued < b.queued;
  }
  return a.sort > b.sort;
}

export function showRow(row) {
  const found = findRow(row.uid);
  if (!belongs(row)) found?.remove();
  else if (found) place(found, row);
  else if (!list().dataset.query) place(makeRow(row), row);
  markCurrent();
  showEmpty();
}

function place(item, row) {
  fillRow(item, row);
  const mine = item.querySelector(".row").dataset;
  const others = [...rows().children].filter((other) => other !== item);
  const next = others.find((other) => before(mine, other.querySelector(".row").dataset));
  // Beyond the end of what is loaded: it comes with "load more".
  if (!next && !item.isConnected && document.getElementById("more")) return;
  if (item.nextElementSibling === (next ?? null) && item.isConnected) return;
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  rows().insertBefore(item, next ?? null);
  focused?.focus({ preventScroll: true });
}

export function markCurrent() {
  for (const link of rows().querySelectorAll(".row")) {
    if (link.dataset.uid === currentChat()) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function showEmpty() {
  document.getElementById("list-empty").hidden = rows().children.length > 0;
}

/** Fetch the list again and keep the place. */
export async function refreshList() {
  const view = list().dataset.view;
  const fresh = await getPart(listAddress(), "list");
  if (list().dataset.view !== view) return;
  const scroll = document.querySelector(".list-scroll");
  const top = scroll.scrollTop;
  scroll.replaceChildren(...fresh.querySelector(".list-scroll").childNodes);
  scroll.scrollTop = top;
  showTimes(scroll);
  markCurrent();
}

async function loadMore(link) {
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  try {
    const fresh = await getPart(link.href, "list");
    for (const item of [...fresh.getElementById("rows").children]) {
      if (!findRow(item.querySelector(".row").dataset.uid)) rows().append(item);
    }
    const next = fresh.getElementById("more");
    if (next) link.replaceWith(next);
    else link.remove();
    showTimes(rows());
    markCurrent();
    if (next) watch(next);
  } catch (error) {
    link.ariaBusy = null;
    link.textContent = t("retry");
    toast(error.message, "error");
  }
}

const seen = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && loadMore(entry.target)));
const watch = (link) => seen.observe(link);

export function watchMore() {
  const link = document.getElementById("more");
  if (link) watch(link);
}

export function startRows(line) {
  let newest = null;
  // A row tells how the chat was at one moment; frames of two transactions may come in the other order.
  const told = new Map();
  line.addEventListener("frame:chat", ({ detail }) => {
    if (detail.chat.changed < (told.get(detail.chat.uid) ?? "")) return;
    if (detail.chat.changed) told.set(detail.chat.uid, detail.chat.changed);
    if (detail.chat.changed > (newest ?? "")) newest = detail.chat.changed;
    if (detail.chat.gone) {
      findRow(detail.chat.uid)?.remove();
      showEmpty();
    } else showRow(detail.chat);
  });
  const check = (latest) => {
    if (newest === null || !latest || latest <= newest) return;
    newest = latest;
    refreshList().catch(() => {});
  };
  line.addEventListener("frame:hello", ({ detail }) => {
    // The page itself is older than the socket: what changed in between is not known.
    if (newest !== null) check(detail.newest);
    else {
      newest = detail.newest ?? "";
      const shown = [...rows().querySelectorAll(".row")].map((link) => link.dataset.changed || "").sort().at(-1) || "";
      if (newest > shown) refreshList().catch(() => {});
    }
  });
  line.addEventListener("frame:heartbeat", ({ detail }) => check(detail.newest));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#more");
    if (!link) return;
    event.preventDefault();
    loadMore(link);
  });
  watchMore();
}
