// What every page of the inbox does: the rail, the menus, the line that keeps the agent there and the numbers right.
import { startColleagues } from "./colleagues.js";
import { startConnectionBar } from "./connection.js";
import { startCounts } from "./counts.js";
import { startMenus } from "./menus.js";
import { startNotifying } from "./notify.js";
import { startPreferences } from "./preferences.js";
import { startPresence } from "./presence.js";
import { startTicking } from "./times.js";
import { startToasts } from "./toasts.js";

/** `openChat(uid)` leads to a chat that a notification is about. */
export function startFrame(line, openChat) {
  startTicking();
  startToasts();
  startMenus();
  startCounts(line);
  startColleagues(line);
  startPresence(line);
  startPreferences();
  startConnectionBar(line);
  startNotifying(line, openChat);
  // For styles, tests and whoever looks: what the line is doing.
  line.addEventListener("state", ({ detail }) => (document.documentElement.dataset.line = detail));
}
