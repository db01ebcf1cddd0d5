// A page beside the lists (reports and the like): the frame, its keys, and the line. Exports the line for what is live.
import { client } from "./client.js";
import { startFrame } from "./frame.js";
import { going, listen, showHelp } from "./keys.js";
import { Line } from "./line.js";
import { closeMenu } from "./menus.js";

export const line = new Line();
startFrame(line, (uid) => location.assign(`${client.urls.inbox}chats/${uid}`));
listen({ "?": showHelp }, going, (event) => closeMenu() && event.preventDefault());
line.connect();
document.documentElement.dataset.ready = "";
