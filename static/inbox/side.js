// Header and visitor panel are drawn by the server; this fetches them again when what they show has changed.
import { client } from "./client.js";
import { getPart } from "./api.js";
import { currentChat, debounce } from "./dom.js";
import { showTimes } from "./times.js";

/** Returns `refresh()`, which swaps header, panel and, when the chat ended or opened again, the composer. */
export function startSide(line, remount) {
  async function refresh({ keepFocus = "" } = {}) {
    const uid = currentChat();
    if (!uid) return;
    if (isBusy()) return later();
    const fresh = await getPart(chatUrl(uid), "side").catch((error) => error);
    if (fresh instanceof Error || currentChat() !== uid) return;
    const wasOpen = document.getElementById("conversation").dataset.open;
    swap("chat-head", fresh);
    swapPanel(fresh);
    if (keepFocus === "tag") document.getElementById("tag")?.focus();
    const isOpen = String(Boolean(document.querySelector('#chat-head [data-menu="close"]')));
    if (isOpen !== wasOpen) remount(uid);
  }

  const later = debounce(refresh, 400);

  line.addEventListener("frame:chat", ({ detail }) => {
    const head = document.getElementById("chat-head");
    if (detail.chat.uid !== currentChat() || !head || detail.chat.gone) return;
    if (detail.chat.tags || signature(detail.chat) !== head.dataset.signature) later();
  });
  line.addEventListener("frame:synced", ({ detail }) => {
    const head = document.getElementById("chat-head");
    if (detail.chat === currentChat() && head && signature(detail.row) !== head.dataset.signature) later();
  });
  line.addEventListener("frame:visitor", ({ detail }) => detail.chat === currentChat() && later());
  return refresh;
}

const chatUrl = (uid) => `${client.urls.inbox}chats/${uid}${location.search}`;

/** The same words as contexts.signature() on the server. */
function signature(row) {
  return [row.status, row.agent?.uid ?? "", row.department?.uid ?? "", row.priority, row.rating || "", row.parked_until ?? "", row.notes_mark].join("|");
}

/** Somebody is in the middle of something there. */
function isBusy() {
  return Boolean(document.querySelector("#chat-head details[open], #panel form[data-dirty]")) || Boolean(document.getElementById("tag")?.value);
}

function swap(id, fresh) {
  const next = fresh.getElementById(id);
  if (!next) return;
  showTimes(next);
  document.getElementById(id).replaceWith(next);
}

function swapPanel(fresh) {
  const [now, next] = [document.getElementById("panel"), fresh.getElementById("panel")];
  const top = now.querySelector(".panel-scroll")?.scrollTop ?? 0;
  showTimes(next);
  now.replaceChildren(...next.childNodes);
  if (now.querySelector(".panel-scroll")) now.querySelector(".panel-scroll").scrollTop = top;
}
