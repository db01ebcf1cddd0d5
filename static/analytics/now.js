// The live figures: fetched again when a chat changes, when the line comes back, and once in a while.
import { getPart } from "../inbox/api.js";
import { debounce } from "../inbox/dom.js";

const OFTEN = 1500;
const ANYWAY = 30000;

export function startNow(line) {
  if (!document.getElementById("now")) return;

  const refresh = debounce(async () => {
    const now = document.getElementById("now");
    if (document.hidden || now.contains(document.activeElement)) return;
    const fresh = await getPart(location.href, "now").catch(() => null);
    const next = fresh?.getElementById("now");
    if (next) now.querySelector("dl").replaceWith(next.querySelector("dl"));
  }, OFTEN);

  for (const type of ["chat", "agent", "hello"]) line.addEventListener(`frame:${type}`, refresh);
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, ANYWAY);
}
