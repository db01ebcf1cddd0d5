// Moving between chats and lists without losing the line: parts of the next page take the place of this one's.
import { client } from "./client.js";
import { getPart } from "./api.js";
import { blank, currentChat, debounce, isPhone } from "./dom.js";
import { listAddress } from "./listing.js";
import { address } from "./row.js";
import { markCurrent, watchMore } from "./rows.js";
import { setTitle } from "./counts.js";
import { showTimes } from "./times.js";
import { toast } from "./toasts.js";

let visit = null;

/** Returns {openChat}; `mount` is called after a conversation has been put in place. */
export function startNavigation(mount) {
  const inbox = document.getElementById("inbox");

  async function go(url, work, push = true) {
    visit?.abort();
    visit = new AbortController();
    const { signal } = visit;
    try {
      await work(signal);
      if (push) history.pushState({}, "", url);
    } catch (error) {
      if (signal.aborted) return;
      toast(error.message, "error");
    } finally {
      if (!signal.aborted) delete inbox.dataset.loading;
    }
  }

  function openChat(uid, push = true) {
    const url = address(uid);
    if (uid === currentChat()) {
      inbox.dataset.pane = "conversation";
      if (push && location.pathname !== new URL(url, location.href).pathname) history.pushState({}, "", url);
      return Promise.resolve();
    }
    return go(url, async (signal) => {
      inbox.dataset.loading = "conversation";
      inbox.dataset.pane = "conversation";
      const fresh = await getPart(url, "conversation", signal).catch((error) => {
        if (!currentChat()) inbox.dataset.pane = "list";
        throw error;
      });
      putConversation(fresh);
    }, push);
  }

  function putConversation(fresh) {
    document.getElementById("conversation").replaceWith(fresh.getElementById("conversation"));
    document.getElementById("panel").replaceWith(fresh.getElementById("panel"));
    inbox.dataset.pane = currentChat() ? "conversation" : "list";
    const name = document.getElementById("conversation").dataset.name;
    setTitle(name || document.getElementById("list-title").textContent);
    markCurrent();
    mount();
    if (isPhone() && currentChat()) document.getElementById("conversation").focus({ preventScroll: true });
  }

  function openView(link) {
    const keepChat = !isPhone() && currentChat();
    return go(link.href, async (signal) => {
      markView(link.dataset.view);
      document.getElementById("rows").replaceChildren(blank("skeleton"));
      const fresh = await getPart(link.href, "list", signal);
      putList(fresh);
      // The link went with the old list: the focus stays with what it asked for.
      const { query } = document.getElementById("list").dataset;
      if (link.matches("[data-list]")) document.querySelector(query ? "#search" : '#list [data-menu="filter"] > summary').focus();
      inbox.dataset.pane = keepChat ? "conversation" : "list";
      if (keepChat) history.pushState({}, "", address(currentChat()));
      else setTitle(document.getElementById("list-title").textContent);
    }, !keepChat);
  }

  function putList(fresh) {
    const next = fresh.getElementById("list");
    showTimes(next);
    document.getElementById("list").replaceWith(next);
    markView(next.dataset.view);
    markCurrent();
    watchMore();
  }

  function markView(view) {
    for (const item of document.querySelectorAll(".rail-item[data-view]")) {
      if (item.dataset.view === view) item.setAttribute("aria-current", "page");
      else item.removeAttribute("aria-current");
    }
  }

  const search = debounce(async (form) => {
    const list = document.getElementById("list");
    const query = form.elements.q.value.trim();
    const url = listAddress({ q: query });
    try {
      const fresh = await getPart(url, "list");
      if (form.elements.q.value.trim() !== query || !form.isConnected) return;
      list.dataset.query = query;
      const next = fresh.querySelector(".list-scroll");
      showTimes(next);
      list.querySelector(".list-scroll").replaceWith(next);
      markCurrent();
      watchMore();
      history.replaceState({}, "", currentChat() && !isPhone() ? address(currentChat()) : url);
    } catch (error) {
      toast(error.message, "error");
    }
  }, 250);

  /** Back and forward: the whole page of that address, put in place of this one's. */
  async function restore() {
    await go(location.href, async (signal) => {
      const fresh = await getPart(location.href, "", signal);
      putList(fresh);
      putConversation(fresh);
    }, false);
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a");
    const chat = link?.closest(".row")?.dataset.uid || link?.closest(".earlier a") && link.pathname.split("/").at(-1);
    if (chat) {
      event.preventDefault();
      openChat(chat);
    } else if (link?.matches(".rail-item[data-view], [data-list]")) {
      event.preventDefault();
      openView(link);
    } else if (link?.matches("[data-back]")) {
      event.preventDefault();
      back();
    }
  });

  function back() {
    inbox.dataset.pane = "list";
    history.pushState({}, "", listAddress());
    setTitle(document.getElementById("list-title").textContent);
    document.querySelector("#rows [aria-current]")?.focus();
  }

  document.addEventListener("input", (event) => event.target.id === "search" && search(event.target.form));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#list .search")) return;
    event.preventDefault();
    search(event.target);
  });
  addEventListener("popstate", restore);
  return { openChat, reopen: (uid) => go(location.href, async (signal) => putConversation(await getPart(`${client.urls.inbox}chats/${uid}${location.search}`, "conversation", signal)), false) };
}
