// Presence and load of the team, wherever they are shown.
import { t } from "./client.js";
import { getPart } from "./api.js";
import { debounce, slot } from "./dom.js";

const label = (status) => t(status === "offline" ? "offline_status" : status);

function showAgent(agent) {
  for (const box of document.querySelectorAll(`[data-agent="${agent.uid}"]`)) {
    box.dataset.status = agent.status;
    const fill = (name, text) => slot(box, name) && (slot(box, name).textContent = text);
    fill("status-label", label(agent.status));
    fill("status-message", agent.status_message ? ` · ${agent.status_message}` : "");
    if (agent.open_chats !== undefined) fill("load", `${agent.open_chats}/${agent.max_chats}`);
  }
}

/** Loads change with chats: while somebody looks at them, fetch them again. */
const refreshLoads = debounce(async () => {
  const shown = document.querySelector(".menu[open] .colleagues");
  if (!shown) return;
  const fresh = await getPart(document.querySelector(".rail-team").dataset.load, "menu").catch(() => null);
  for (const person of fresh?.querySelectorAll("[data-agent]") ?? []) {
    const load = document.querySelector(`.menu[open] [data-agent="${person.dataset.agent}"] [data-slot="load"]`);
    if (load) load.textContent = slot(person, "load").textContent;
  }
}, 800);

export function startColleagues(line) {
  line.addEventListener("frame:hello", ({ detail }) => detail.agents.forEach(showAgent));
  line.addEventListener("frame:agent", ({ detail }) => showAgent(detail.agent));
  line.addEventListener("frame:chat", refreshLoads);
}
