// Avatars and names: the same as chat/templatetags/inbox.py does for the server's part of the page.

export function initials(name) {
  const words = String(name || "").split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map((word) => [...word][0]).join("").toUpperCase() || "?";
}

export const hue = (uid) => `hue-${(parseInt(String(uid).slice(-6) || "0", 16) % 31) % 8}`;

export function setHue(element, uid) {
  element.classList.remove(...[...element.classList].filter((name) => name.startsWith("hue-")));
  element.classList.add(hue(uid));
}
