// Files for the next message: chosen, pasted or dropped. Each goes up at once and waits as a chip.
import { t } from "./client.js";
import { post } from "./api.js";
import { element, icon } from "./dom.js";
import { fileSize } from "./entry.js";
import { toast } from "./toasts.js";

const MOST = 10;

export class Uploads extends EventTarget {
  constructor(form, { signal }) {
    super();
    this.form = form;
    this.box = document.getElementById("pending-files");
    this.items = new Map();
    const input = document.getElementById("files");
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
    }, { signal });
    form.addEventListener("paste", (event) => event.clipboardData.files.length && this.paste(event), { signal });
    this.listenForDrops(document.getElementById("conversation"), signal);
  }

  get isBusy() {
    return [...this.items.values()].some((item) => item.state === "busy");
  }

  get ready() {
    return [...this.items.values()].filter((item) => item.state === "done").map((item) => item.file);
  }

  /** Hand over what is ready. */
  take() {
    const files = this.ready;
    for (const [chip, item] of this.items) if (item.state === "done") this.remove(chip);
    return files;
  }

  paste(event) {
    event.preventDefault();
    this.add(event.clipboardData.files);
  }

  listenForDrops(target, signal) {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    target.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.form.dataset.drop = "";
    }, { signal });
    target.addEventListener("dragleave", (event) => {
      if (!target.contains(event.relatedTarget)) delete this.form.dataset.drop;
    }, { signal });
    target.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      delete this.form.dataset.drop;
      this.add(event.dataTransfer.files);
    }, { signal });
  }

  add(files) {
    for (const file of files) {
      if (this.items.size >= MOST) return toast(t("too_many_files", { n: MOST }), "warning");
      const chip = element("li", { class: "pending-file" }, icon("file"), element("span", { class: "file-name" }, file.name), element("span", { class: "meta" }, fileSize(file.size)));
      const drop = element("button", { type: "button", class: "chip-remove" }, icon("cross"), element("span", { class: "sr" }, t("remove_file", { name: file.name })));
      drop.addEventListener("click", () => this.remove(chip));
      chip.append(drop);
      this.box.append(chip);
      this.items.set(chip, { state: "busy" });
      this.upload(chip, file);
    }
  }

  async upload(chip, file) {
    this.change(chip, { state: "busy" });
    chip.querySelector(".link")?.remove();
    const data = new FormData();
    data.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    data.append("file", file, file.name);
    try {
      const stored = await (await post(this.form.dataset.files, data)).json();
      this.change(chip, { state: "done", file: stored });
    } catch (error) {
      if (!this.items.has(chip)) return;
      this.change(chip, { state: "failed" });
      const again = element("button", { type: "button", class: "link" }, t("retry"));
      again.addEventListener("click", () => this.upload(chip, file));
      chip.querySelector(".meta").textContent = error.message;
      if (error.status === 0 || error.status >= 500) chip.querySelector(".meta").after(again);
    }
  }

  change(chip, item) {
    if (!this.items.has(chip)) return;
    this.items.set(chip, item);
    chip.dataset.state = item.state;
    this.dispatchEvent(new Event("change"));
  }

  remove(chip) {
    this.items.delete(chip);
    chip.remove();
    this.dispatchEvent(new Event("change"));
  }
}
