// What the server told this page: who I am, addresses, and the one catalogue of strings.
export const client = JSON.parse(document.getElementById("client").textContent);

/** The string of this key in the agent's language, `{name}` filled in. */
export function t(key, values = {}) {
  const text = client.strings[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A key of local storage that is this agent's own. */
export const mine = (name) => `parley.${client.me.uid}.${name}`;

/** A count that never takes more room than `99+`. */
export const capped = (n, most = 99) => (n > most ? `${most}+` : String(n));
