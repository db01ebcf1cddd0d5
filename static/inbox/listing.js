// What the list shows: its view, the search and the trigger, as the addresses beside it carry them.

const list = () => document.getElementById("list");

/** The query of an address that keeps the list as it is. */
export function asked(more = {}) {
  const { query, trigger } = list().dataset;
  return new URLSearchParams(Object.entries({ q: query, trigger, ...more }).filter(([, value]) => value));
}

/** The address of the list itself, or of the same one with something else asked. */
export function listAddress(more) {
  const address = new URL(list().querySelector(".search").action, location.href);
  address.search = asked(more);
  return address;
}

/** Whether a chat began as the list wants it. */
export function isWanted(row) {
  const { trigger } = list().dataset;
  return !trigger || (trigger === "any" ? Boolean(row.trigger) : row.trigger?.uid === trigger);
}
