// Sound and desktop notifications for what needs this agent; both off until switched on.
import { client, mine, t } from "./client.js";
import { currentChat } from "./dom.js";
import { toast } from "./toasts.js";

const SOUND = mine("sound");
const DESKTOP = mine("desktop");
const isOn = (key) => localStorage.getItem(key) === "on";

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
  tone.onended = () => audio.close();
}

function tell(row, openChat) {
  if (isOn(SOUND)) beep();
  if (!isOn(DESKTOP) || Notification.permission !== "granted" || document.hasFocus()) return;
  const title = t(row.status === "waiting" ? "new_waiting" : "new_message_from", { name: row.visitor.name });
  const note = new Notification(title, { body: row.last_text, tag: row.uid });
  note.onclick = () => {
    window.focus();
    openChat(row.uid);
    note.close();
  };
}

async function switchDesktop(box) {
  if (box.checked && (await Notification.requestPermission()) !== "granted") {
    box.checked = false;
    toast(t("desktop_denied"), "warning");
  }
  localStorage.setItem(DESKTOP, box.checked ? "on" : "");
}

export function startNotifying(line, openChat) {
  const [sound, desktop] = [document.getElementById("sound"), document.getElementById("desktop")];
  sound.checked = isOn(SOUND);
  desktop.checked = isOn(DESKTOP);
  desktop.disabled = !("Notification" in window);
  sound.addEventListener("change", () => {
    localStorage.setItem(SOUND, sound.checked ? "on" : "");
    if (sound.checked) beep();
  });
  desktop.addEventListener("change", () => switchDesktop(desktop));
  const known = new Map();
  line.addEventListener("frame:chat", ({ detail: { chat } }) => {
    const before = known.get(chat.uid);
    known.set(chat.uid, chat.gone ? null : `${chat.last_at}`);
    const forMe = chat.agent?.uid === client.me.uid || chat.status === "waiting";
    const inSight = chat.uid === currentChat() && document.hasFocus();
    if (!chat.gone && forMe && !inSight && chat.last_by === "visitor" && chat.unread && before !== `${chat.last_at}`) tell(chat, openChat);
  });
}
