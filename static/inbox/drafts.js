// Drafts: what stands in the composer is kept for each chat, with whether it is a note.
import { mine } from "./client.js";

const key = (chat) => mine(`draft.${chat}`);

export function readDraft(chat) {
  return JSON.parse(localStorage.getItem(key(chat)) || "null");
}

export function keepDraft(chat, kind, body) {
  if (body.trim() || kind === "note") localStorage.setItem(key(chat), JSON.stringify({ kind, body }));
  else localStorage.removeItem(key(chat));
}
