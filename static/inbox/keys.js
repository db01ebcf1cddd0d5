// Single letters, while no field has the focus: what every page of the inbox shares.

export const isField = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
export const letter = (event) => (/^[a-z]$/i.test(event.key) || !event.code.startsWith("Key") ? event.key : event.code.slice(3)).toLowerCase();

const press = (entry) => document.querySelector(`.rail-item[${entry}]`)?.click();

/** After G: the lists and places of the rail. */
export const going = {
  m: () => press('data-view="mine"'),
  w: () => press('data-view="waiting"'),
  a: () => press('data-view="all"'),
  c: () => press('data-view="closed"'),
  r: () => press('data-place="analytics"'),
};

export function showHelp() {
  document.getElementById("shortcuts").showModal();
}

/** Call `actions[key]`; after G, `afterG[key]` first. `escape` gets Escape wherever the focus is. */
export function listen(actions, afterG, escape) {
  let leader = 0;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return escape(event);
    if (isField(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = letter(event);
    if (key === "g") {
      leader = Date.now();
      return event.preventDefault();
    }
    const act = (Date.now() - leader < 1500 && afterG[key]) || actions[key];
    leader = 0;
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog).showModal();
  });
}
