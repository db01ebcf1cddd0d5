// A thin bar that says when the line is down, and what to do.
import { client, t } from "./client.js";
import { element } from "./dom.js";

const PATIENCE = 1500;

export function startConnectionBar(line) {
  const bar = document.getElementById("connection");
  let timer = 0;
  const say = (kind, text, action) => {
    bar.dataset.kind = kind;
    bar.replaceChildren(text, ...(action ? [" ", action] : []));
    bar.hidden = false;
  };
  const show = (state) => {
    if (state === "signed-out") {
      const next = encodeURIComponent(location.pathname + location.search);
      return say("down", t("signed_out"), element("a", { href: `${client.urls.login}?next=${next}` }, t("sign_in")));
    }
    if (state === "offline") return say("down", t("offline"));
    const again = element("button", { type: "button", class: "link" }, t("retry_now"));
    again.addEventListener("click", () => line.hurry());
    say("down", t("reconnecting"), again);
  };
  line.addEventListener("state", ({ detail: state }) => {
    clearTimeout(timer);
    if (state !== "open") {
      timer = setTimeout(() => show(line.state), state === "connecting" ? PATIENCE : 0);
    } else if (!bar.hidden) {
      say("up", t("reconnected"));
      timer = setTimeout(() => (bar.hidden = true), 2000);
    }
  });
}
