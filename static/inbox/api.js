// Requests to the inbox's own addresses. A failure is an Error whose message is a sentence for the agent.
import { client, t } from "./client.js";

export class Refusal extends Error {
  constructor(message, { code = "", field = "", status = 0 } = {}) {
    super(message);
    Object.assign(this, { code, field, status });
  }
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    throw new Refusal(t("request_failed"));
  }
  if (response.redirected && new URL(response.url).pathname.startsWith(client.urls.login)) {
    location.assign(`${client.urls.login}?next=${encodeURIComponent(location.pathname + location.search)}`);
    throw new Refusal(t("signed_out"), { status: 401 });
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  const told = await response.json().catch(() => ({}));
  return new Refusal(told.message || t("request_failed"), { code: told.error, field: told.field, status: response.status });
}

/** Fetch a part of a page and return it as a document. */
export async function getPart(url, part, signal) {
  const address = new URL(url, location.href);
  if (part) address.searchParams.set("part", part);
  const response = await request(address, { headers: { Accept: "text/html" }, signal });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

export async function getJson(url) {
  return (await request(url, { headers: { Accept: "application/json" } })).json();
}

/** Post a form's data; answers the response. */
export function post(url, data) {
  return request(url, { method: "POST", body: data, headers: { Accept: "application/json" } });
}

/** Post one frame of the line; answers the frame that comes back. */
export async function postFrame(frame) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token };
  return (await request(client.urls.frames, { method: "POST", body: JSON.stringify(frame), headers })).json();
}
