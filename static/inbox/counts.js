// The numbers in the rail and in the document's title.
import { capped, client, t } from "./client.js";
import { getJson } from "./api.js";
import { debounce, slot } from "./dom.js";

let counts = client.counts;
let title = document.title;

function show() {
  const numbers = { mine: counts.unread, waiting: counts.waiting };
  for (const badge of document.querySelectorAll("[data-count]")) {
    const number = numbers[badge.dataset.count] ?? 0;
    badge.hidden = !number;
    badge.textContent = capped(number);
  }
  showParked();
  document.title = counts.unread ? `(${capped(counts.unread)}) ${title}` : title;
}

function showParked() {
  const note = document.getElementById("parked");
  if (!note) return;
  note.hidden = !counts.parked || document.getElementById("list").dataset.view !== "waiting";
  slot(note, "note").textContent = t("parked_note", { n: counts.parked });
}

export function setTitle(text) {
  title = `${text} · Parley`;
  show();
}

const refresh = debounce(async () => {
  counts = await getJson(client.urls.counts).catch(() => counts);
  show();
}, 700);

export function startCounts(line) {
  show();
  line.addEventListener("frame:chat", refresh);
  line.addEventListener("frame:hello", refresh);
}
