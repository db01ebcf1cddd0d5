// A filter that is chosen applies at once; what is not set stays out of the address. And the way back to the report.

export function startFilters() {
  document.addEventListener("change", ({ target }) => target.form?.matches("[data-filters]") && target.form.requestSubmit());
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-filters]")) return;
    for (const field of target.elements) if (field.name && !field.value) field.disabled = true;
  });
  // Who comes back by the browser's own way finds the form as it was sent.
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("[data-filters] :disabled")) field.disabled = false;
  });
  document.addEventListener("click", (event) => {
    const back = event.target.closest("[data-go-back]");
    if (!back || !cameFromReport()) return;
    event.preventDefault();
    history.back();
  });
}

const cameFromReport = () => document.referrer.startsWith(`${location.origin}/inbox/analytics/`) && !document.referrer.includes("/analytics/chats") && history.length > 1;
