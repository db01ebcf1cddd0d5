// Language and look: kept by the server, so that the next page comes right from the start.
import { post } from "./api.js";
import { toast } from "./toasts.js";

export function startPreferences() {
  startPicture(document.getElementById("picture"));
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

function startPicture(field) {
  field.addEventListener("change", async () => {
    if (!field.value) return;
    try {
      await post(field.form.action, new FormData(field.form));
      location.reload();
    } catch (error) {
      field.value = "";
      toast(error.message, "error");
    }
  });
}
