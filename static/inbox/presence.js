// The agent's own status: said over the line, or by the form when there is none.
import { client } from "./client.js";
import { post } from "./api.js";
import { slot } from "./dom.js";
import { toast } from "./toasts.js";

export function startPresence(line) {
  const form = document.querySelector("[data-presence]");
  const me = document.getElementById("me");

  async function say() {
    const status = form.elements.status.value;
    const message = form.elements.message.value.trim();
    try {
      await line.ask({ type: "presence", status, message }).catch((error) => {
        if (error.code !== "offline") throw error;
        return post(form.action, new FormData(form));
      });
      me.dataset.status = status;
    } catch (error) {
      toast(error.message, "error");
    }
  }

  form.addEventListener("change", say);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
  // Another tab or an admin may have changed it.
  line.addEventListener("frame:agent", ({ detail }) => {
    if (detail.agent.uid !== client.me.uid || form.contains(document.activeElement)) return;
    if (detail.agent.status === "offline" && form.elements.status.value !== "offline") return;
    form.elements.status.value = detail.agent.status;
    form.elements.message.value = detail.agent.status_message;
    slot(me, "status-label").textContent = form.querySelector("input:checked")?.closest("label").innerText.trim() ?? "";
  });
}
