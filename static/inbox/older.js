// Older entries, and the conversation's chats before this one, come when the top is reached.
import { t } from "./client.js";
import { getPart } from "./api.js";
import { linkifyAll } from "./links.js";
import { showRich } from "./rich.js";
import { showTimes } from "./times.js";
import { toast } from "./toasts.js";

export function watchOlder(conversation) {
  const { root, signal, timeline } = conversation;
  let busy = false;
  let mayScrollLoad = false;

  async function load(link) {
    if (busy) return;
    busy = true;
    link.ariaBusy = "true";
    try {
      const fresh = await getPart(link.href, "", signal);
      const list = fresh.querySelector("ol");
      showTimes(list);
      linkifyAll(list);
      showRich(list);
      const next = fresh.getElementById("older");
      timeline.prepend(list.children);
      showRich(timeline.root); // what was pressed stands among the newer ones
      if (next) link.replaceWith(next);
      else link.remove();
    } catch (error) {
      if (signal.aborted) return;
      link.ariaBusy = null;
      link.textContent = t("retry");
      toast(error.message, "error");
    } finally {
      busy = false;
    }
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("#older");
    if (!link) return;
    event.preventDefault();
    load(link);
  }, { signal });
  // By scrolling only within a chat; an earlier chat is asked for on purpose.
  timeline.scroller.addEventListener("wheel", () => (mayScrollLoad = true), { signal, passive: true });
  timeline.scroller.addEventListener("touchmove", () => (mayScrollLoad = true), { signal, passive: true });
  timeline.scroller.addEventListener("scroll", () => {
    const link = document.getElementById("older");
    if (mayScrollLoad && link && !("earlier" in link.dataset) && timeline.scroller.scrollTop < 200) load(link);
  }, { signal, passive: true });
}
