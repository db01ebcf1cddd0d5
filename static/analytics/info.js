// Definitions: shown by the style sheet on hover and focus; Escape hides them, a touch shows them.

// How far from the page's edges a text stays, in pixels.
const EDGE = 8;

export function startInfo() {
  document.addEventListener("keydown", (event) => {
    const info = event.key === "Escape" && document.querySelector(".info:is(:hover, :focus-within):not([data-hidden])");
    if (info) info.dataset.hidden = "";
  });
  const again = ({ target }) => {
    const info = target.closest?.(".info[data-hidden]");
    if (info) delete info.dataset.hidden;
  };
  document.addEventListener("pointerout", again);
  document.addEventListener("focusout", again);
  // A text that would leave the page is pushed back into it.
  const place = ({ target }) => {
    const text = target.closest?.(".info")?.querySelector(".info-text");
    if (!text) return;
    text.style.translate = "";
    const { left, right } = text.getBoundingClientRect();
    text.style.translate = `${Math.max(Math.min(0, innerWidth - EDGE - right), EDGE - left)}px`;
  };
  document.addEventListener("pointerover", place);
  document.addEventListener("focusin", place);
}
