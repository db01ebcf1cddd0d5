// Language and look: kept by the server, so that the next page comes right from the start.
import { post } from "./api.js";
import { toast } from "./toasts.js";

export function startPreferences() {
  const form = document.querySelector("[data-preferences]");
  form.addEventListener("change", async (event) => {
    const theme = form.elements.theme.value;
    if (event.target.name === "theme") {
      if (theme === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme;
    }
    try {
      await post(form.action, new FormData(form));
      if (event.target.name === "language") location.reload();
    } catch (error) {
      toast(error.message, "error");
    }
  });
}
