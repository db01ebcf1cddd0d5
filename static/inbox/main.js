// Puts the inbox together: one line, one outbox, and the behaviours that listen to them.
import { startColleagues } from "./colleagues.js";
import { startComposer } from "./composer.js";
import { startConnectionBar } from "./connection.js";
import { Conversation } from "./conversation.js";
import { startCounts } from "./counts.js";
import { currentChat } from "./dom.js";
import { Line } from "./line.js";
import { startMenus } from "./menus.js";
import { startNavigation } from "./navigate.js";
import { startNotifying } from "./notify.js";
import { watchOlder } from "./older.js";
import { Outbox } from "./outbox.js";
import { showState, startPanel } from "./panel.js";
import { startPreferences } from "./preferences.js";
import { startPresence } from "./presence.js";
import { startRows } from "./rows.js";
import { startShortcuts } from "./shortcuts.js";
import { startSide } from "./side.js";
import { startTicking } from "./times.js";
import { startToasts } from "./toasts.js";
import { watchTyping } from "./typing.js";
import { startVerbs } from "./verbs.js";

const line = new Line();
const outbox = new Outbox(line);
let life = new AbortController();

/** Bring the conversation that is in the page to life; the one before it ends. */
function mount() {
  life.abort();
  life = new AbortController();
  if (!currentChat()) return;
  const conversation = new Conversation({ line, outbox, signal: life.signal });
  watchOlder(conversation);
  watchTyping(conversation);
  startComposer(conversation);
  showState();
}

startTicking();
startToasts();
startMenus();
startPanel();
const { openChat, reopen } = startNavigation(mount);
startVerbs(startSide(line, reopen));
startRows(line);
startCounts(line);
startColleagues(line);
startPresence(line);
startPreferences();
startConnectionBar(line);
startNotifying(line, openChat);
startShortcuts({ openChat });
mount();
// For styles, tests and whoever looks: what the line is doing.
line.addEventListener("state", ({ detail }) => (document.documentElement.dataset.line = detail));
line.connect();
document.documentElement.dataset.ready = "";
