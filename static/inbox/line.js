// The socket of docs/protocol.md: one line to the server that comes back by itself. Where no socket can be, the same
// frames go over HTTP, and the server is asked what is new.
// Events: "state" ({detail: open|connecting|offline|signed-out}) and "frame:<type>" ({detail: frame}).
import { postFrame } from "./api.js";
import { client } from "./client.js";

const SILENCE = 40000;
const STEADY = 10000;
const FIRST = 500;
const LONGEST = 20000;
const FAILURES = 3;
const POLL = 4000;
const POLL_HIDDEN = 20000;
const PROBE = 60000;

export class Line extends EventTarget {
  constructor() {
    super();
    this.state = "connecting";
    this.wait = FIRST;
    this.asked = new Map();
    this.newest = new Map();
    this.count = 0;
    this.failures = 0;
    this.polling = false;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.drop());
    addEventListener("pageshow", (event) => event.persisted && this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  get isOpen() {
    return this.state === "open";
  }

  connect() {
    clearTimeout(this.timer);
    this.take(this.dial());
    this.listen();
  }

  dial() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    return new WebSocket(`${scheme}://${location.host}${client.urls.socket}?workspace=${client.workspace}`);
  }

  take(socket) {
    this.socket = socket;
    socket.onmessage = (event) => this.socket === socket && this.hear(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.lost(event.code);
  }

  /** Ask over HTTP what is new, again and again, until a socket opens after all. */
  async poll() {
    clearTimeout(this.timer);
    this.polling = true;
    const turn = (this.turn = Symbol());
    try {
      const frame = await postFrame({ type: "hello" });
      if (this.turn !== turn) return;
      if (frame.type !== "hello") throw new Error(frame.message);
      this.hear(frame);
      if (Date.now() - this.probed > PROBE) this.probe();
      this.timer = setTimeout(() => this.poll(), document.visibilityState === "visible" ? POLL : POLL_HIDDEN);
    } catch {
      if (this.turn === turn) this.retry();
    }
  }

  /** Try a socket beside the polling; the first frame on it ends the polling. */
  probe() {
    this.probed = Date.now();
    const socket = this.dial();
    socket.onmessage = (event) => {
      if (!this.polling) return socket.close();
      this.abandon();
      this.take(socket);
      this.hear(JSON.parse(event.data));
    };
  }

  /** Send a frame now, or say that it cannot be. */
  send(frame) {
    if (this.isOpen && this.polling) return this.post(frame);
    if (!this.isOpen || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  post(frame) {
    const failed = () => this.answer({ type: "error", code: "offline", ref: frame.ref });
    postFrame(frame).then((answer) => this.hear(answer), failed);
    return true;
  }

  /** Send a frame and wait for its ack, `synced` or error. Rejects with the error frame, or {code: "offline"}. */
  ask(frame) {
    const ref = `r${(this.count += 1)}`;
    return new Promise((resolve, reject) => {
      if (!this.send({ ...frame, ref })) return reject({ code: "offline" });
      this.asked.set(ref, { resolve, reject });
    });
  }

  /** Try at once: the network or the person came back. */
  hurry() {
    if (this.state === "signed-out") return;
    if (this.isOpen) {
      this.dispatchEvent(new Event("check"));
      if (this.polling) this.probe();
    } else {
      this.wait = FIRST;
      this.abandon();
      this.connect();
    }
  }

  drop() {
    if (this.state !== "signed-out") this.lost(0);
  }

  hear(frame) {
    this.listen();
    if (frame.type === "hello") this.opened();
    if (frame.type === "heartbeat") this.send({ type: "pong" });
    if (frame.type === "reconnect") return this.comeBack(frame.afterMs);
    if (frame.ref) this.answer(frame);
    if (frame.type === "chat" && this.isOld(frame.chat)) return;
    this.dispatchEvent(new CustomEvent(`frame:${frame.type}`, { detail: frame }));
  }

  /** Rows may overtake each other on their way; an older state never replaces a newer one. */
  isOld({ uid, changed }) {
    if (changed && changed < this.newest.get(uid)) return true;
    this.newest.set(uid, changed);
    return false;
  }

  opened() {
    if (!this.polling) this.failures = 0;
    clearTimeout(this.steady);
    this.steady = setTimeout(() => (this.wait = FIRST), STEADY);
    this.become("open");
  }

  answer(frame) {
    const waiting = this.asked.get(frame.ref);
    this.asked.delete(frame.ref);
    if (frame.type === "error") waiting?.reject(frame);
    else waiting?.resolve(frame);
  }

  lost(code) {
    this.abandon();
    if (code === 4401) return this.become("signed-out");
    if (code === 4403) return location.reload();
    this.failures += 1;
    if (this.failures >= FAILURES && navigator.onLine) {
      this.probed = Date.now();
      return this.poll();
    }
    this.retry();
  }

  retry() {
    this.abandon();
    this.become(navigator.onLine ? "connecting" : "offline");
    this.timer = setTimeout(() => this.connect(), this.wait * (0.5 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST);
  }

  comeBack(afterMs) {
    this.abandon();
    this.become("connecting");
    this.timer = setTimeout(() => this.connect(), afterMs);
  }

  abandon() {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    clearTimeout(this.steady);
    this.polling = false;
    this.turn = null;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    for (const { reject } of this.asked.values()) reject({ code: "offline" });
    this.asked.clear();
  }

  listen() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(0), SILENCE);
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
