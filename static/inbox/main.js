// Puts the inbox together: one line, one outbox, and the behaviours that listen to them.
import { startComposer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { currentChat } from "./dom.js";
import { startFrame } from "./frame.js";
import { Line } from "./line.js";
import { startNavigation } from "./navigate.js";
import { watchOlder } from "./older.js";
import { Outbox } from "./outbox.js";
import { showState, startPanel } from "./panel.js";
import { startRows } from "./rows.js";
import { startShortcuts } from "./shortcuts.js";
import { startSide } from "./side.js";
import { watchSuggestions } from "./suggestion.js";
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
  watchSuggestions(conversation);
  showState();
}

startPanel();
const { openChat, reopen } = startNavigation(mount);
startFrame(line, openChat);
startVerbs(startSide(line, reopen));
startRows(line);
startShortcuts({ openChat });
mount();
line.connect();
document.documentElement.dataset.ready = "";
