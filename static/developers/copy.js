// Buttons that copy the text of another element: data-copy names its id, data-done says that it worked.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector('[data-slot="label"]');
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    label.textContent = button.dataset.done;
    setTimeout(() => (label.textContent = before), 2000);
  } catch {
    // Not allowed here (plain http): leave it selected, a key press away.
    getSelection().selectAllChildren(source);
  }
});
