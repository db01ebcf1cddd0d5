// REST, and one session's socket. docs/protocol.md has the rules; docs/widget.md the map of these modules.
const TIMEOUT = 15000;

export class ApiError extends Error {
  constructor(status, code = 0, message = '', retryAfter = 0) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }

  get temporary() { return !this.status || this.status === 408 || this.status === 429 || this.status >= 500; }
}

export function openApi({ lang, bearer }) {
  const headers = () => ({ Authorization: `Bearer ${bearer()}`, 'Accept-Language': lang });

  async function call(method, path, body, keepalive) {
    let answer;
    try {
      answer = await fetch(`/v1/chat/${path}`, {
        method,
        headers: body ? { ...headers(), 'Content-Type': 'application/json' } : headers(),
        body: body && JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-store',
        keepalive,
        signal: AbortSignal.timeout?.(TIMEOUT),
      });
    } catch { throw new ApiError(0); }
    return unwrap(answer.status, await answer.text().catch(() => ''), answer.headers.get('Retry-After'));
  }

  return { get: (path) => call('GET', path), post: (path, body, keepalive) => call('POST', path, body, keepalive), put: (path) => call('PUT', path), headers };
}

export function unwrap(status, text, retryAfter) {
  let body = {};
  try { body = JSON.parse(text) || {}; } catch { /* not JSON: a proxy's page */ }
  if (status >= 200 && status < 300) return body.data ?? {};
  // Without an envelope it is not Parley that answers, but a proxy before it: as good as no answer.
  throw new ApiError(body.code || status < 500 ? status : 0, body.code, body.message, Number(retryAfter) || 0);
}

const SILENCE = 40000;
const STABLE = 10000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 20000;

const FINAL = [4401, 4403, 4404];

export class Line {
  failures = 0;
  #handlers; #socket; #address; #tries = 0; #retry; #watchdog; #stable; #heard = 0;

  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener('online', () => this.#hurry());
    addEventListener('offline', () => this.#lose(this.#socket));
  }

  get isOpen() { return this.#socket?.readyState === WebSocket.OPEN; }

  open(sessionId, token) {
    if (this.#address?.sessionId === sessionId && this.#address.token === token) return;
    this.close();
    this.#address = { sessionId, token };
    this.#connect();
  }

  close() {
    this.#address = null;
    clearTimeout(this.#retry);
    this.#drop();
  }

  send(type, data = {}) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify({ type, data }));
    return true;
  }

  wake() {
    if (this.isOpen && Date.now() - this.#heard > SILENCE) this.#lose(this.#socket);
    if (!this.isOpen) this.#hurry();
  }

  #hurry() {
    if (!this.#address || this.#socket) return;
    this.#tries = 0;
    clearTimeout(this.#retry);
    this.#connect();
  }

  #connect() {
    const { sessionId, token } = this.#address;
    const url = `${location.origin.replace(/^http/, 'ws')}/v1/chat/${encodeURIComponent(sessionId)}`;
    const socket = this.#socket = new WebSocket(url, ['parley.v1', `bearer.${token}`]);
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.failures = 0;
      this.#stable = setTimeout(() => { this.#tries = 0; }, STABLE);
      this.#handlers.onOpen();
    };
    socket.onmessage = ({ data }) => {
      this.#listen(socket);
      this.#receive(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (!opened) this.failures += 1;
      this.#lose(socket, code);
    };
    this.#listen(socket);
  }

  #listen(socket) {
    this.#heard = Date.now();
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lose(socket), SILENCE);
  }

  #receive(frame) {
    if (frame.type === 'heartbeat') this.send('pong');
    if (frame.type === 'reconnect') this.#lose(this.#socket, 1012, frame.data.afterMs);
    else this.#handlers.onFrame(frame);
  }

  #drop() {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#stable);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lose(socket, code, after) {
    if (!socket || socket !== this.#socket) return;
    this.#drop();
    if (FINAL.includes(code)) {
      this.#address = null;
      this.#handlers.onFinal(code);
      return;
    }
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => this.#connect(), after ?? delay);
    this.#handlers.onDown();
  }
}
