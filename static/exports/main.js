// The exports: while one is not finished, the list is fetched again and again, and what changed is told.
import "../inbox/page.js";
import { getPart } from "../inbox/api.js";

const OFTEN = 1500;
const UNFINISHED = '[data-state="queued"], [data-state="running"]';
const list = () => document.getElementById("exports-list");
const told = document.getElementById("toasts");

/** Put the fresh rows in place of those that changed: what has the focus and stays the same keeps it. */
function update(fresh) {
  const rows = new Map([...list().querySelectorAll("[data-export]")].map((row) => [row.dataset.export, row]));
  const news = [...fresh.querySelectorAll("[data-export]")];
  if (news.length !== rows.size || news.some((row) => !rows.has(row.dataset.export))) return list().replaceWith(fresh);
  for (const row of news) {
    const old = rows.get(row.dataset.export);
    if (old.dataset.state === row.dataset.state) {
      old.querySelector(".column-what").replaceWith(row.querySelector(".column-what"));
      continue;
    }
    const held = old.contains(document.activeElement);
    old.replaceWith(row);
    if (held) row.querySelector("a, button")?.focus();
    tell(row);
  }
}

/** Say what became of one, to who sees the page and to who hears it. */
function tell(row) {
  if (row.matches(UNFINISHED)) return;
  const line = document.createElement("p");
  line.className = `toast ${row.dataset.state === "done" ? "success" : "warning"}`;
  line.textContent = `${row.dataset.label}: ${row.querySelector("strong").textContent}`;
  told.append(line);
  setTimeout(() => line.remove(), 8000);
}

async function look() {
  if (document.hidden || !list().querySelector(UNFINISHED)) return;
  const page = await getPart(location.pathname, "list").catch(() => null);
  const fresh = page?.getElementById("exports-list");
  if (fresh) update(document.adoptNode(fresh));
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, OFTEN);
}

document.addEventListener("visibilitychange", look);
keepLooking();
