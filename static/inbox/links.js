// Turns addresses in somebody's text into links; the text stays text.
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

export function linkify(element) {
  const text = element.textContent;
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const link = document.createElement("a");
    Object.assign(link, { href: match[0], textContent: match[0], target: "_blank", rel: "noopener noreferrer nofollow" });
    pieces.push(text.slice(end, match.index), link);
    end = match.index + match[0].length;
  }
  if (pieces.length) element.replaceChildren(...pieces, text.slice(end));
}

export const linkifyAll = (root) => root.querySelectorAll(".words").forEach((words) => words.querySelector("a") || linkify(words));
