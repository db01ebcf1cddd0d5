import { h } from './entries.js';
import { style } from './later.js';
import { ApiError, unwrap } from './net.js';
import { newId } from './store.js';

style(`
.upload .bubble { opacity: .75; }
.upload small { display: block; font-size: 12px; }
progress { display: block; width: 100%; height: 4px; margin-block-start: 6px; accent-color: currentcolor; }
#drop { position: fixed; inset: 8px; display: grid; place-items: center; border: 2px dashed var(--field-line); border-radius: var(--radius); background: var(--surface); font-weight: 600; }
`);

// Loaded with the first file. What is not uploaded yet lives on this page alone.
export class Uploads {
  items = [];
  #api; #delivery; #outbox; #conversation; #onChange;

  constructor({ api, delivery, outbox, conversation, onChange }) {
    [this.#api, this.#delivery, this.#outbox, this.#conversation, this.#onChange] = [api, delivery, outbox, conversation, onChange];
  }

  add(file, maxBytes) {
    const item = { id: newId(), file, at: new Date().toISOString(), progress: 0, error: '', maxBytes };
    this.items.push(item);
    if (maxBytes && file.size > maxBytes) item.error = 'tooLarge';
    else this.run(item);
    this.#onChange();
  }

  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    this.#onChange();
  }

  async run(item) {
    Object.assign(item, { error: '', progress: 0 });
    try {
      await this.#delivery.session();
      const stored = await upload(this.#api.headers(), `sessions/${this.#conversation.current.id}/upload`, item.file, (part) => {
        item.progress = part;
        this.#onChange();
      });
      this.#outbox.add('', stored.type === 'image' ? 'image' : 'file', [stored]);
      this.remove(item);
      this.#delivery.flush();
    } catch (error) {
      item.error = { 413: 'tooLarge', 415: 'badType' }[error.status] || 'uploadFailed';
      this.#onChange();
    }
  }

  build({ upload: item }, { t, bytes }) {
    const { name, size } = item.file;
    const button = (label, run) => h('button', { type: 'button', class: 'text', onclick: run }, t(label));
    const bar = h('progress', { max: 1, value: 0, 'aria-label': t('uploading', { name }) });
    const problem = h('p', { class: 'problem', role: 'alert' });
    const [retry, discard] = [button('retry', () => this.run(item)), button('discard', () => this.remove(item))];
    const node = h('div', { class: 'entry mine head tail' }, h('div', { class: 'stack' },
      h('div', { class: 'bubble' }, name, ' ', h('small', {}, bytes(size)), bar), problem, h('div', { class: 'state' }, retry, ' ', discard)));
    node.refresh = () => {
      bar.value = item.progress;
      const text = item.error && t(item.error, { name, size: item.maxBytes ? bytes(item.maxBytes) : '' });
      if (problem.textContent !== text) problem.textContent = text;
      bar.hidden = !!item.error;
      discard.hidden = !item.error;
      retry.hidden = item.error !== 'uploadFailed';
    };
    node.refresh();
    return node;
  }
}

function upload(headers, path, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/v1/chat/${path}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / (total || 1));
    request.onload = () => {
      try { resolve(unwrap(request.status, request.responseText)); } catch (error) { reject(error); }
    };
    request.onerror = () => reject(new ApiError(0));
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}

export function takeDrops(onFiles, { t }) {
  const drop = document.getElementById('drop');
  drop.textContent = t('drop');
  for (const type of ['dragover', 'dragleave', 'drop']) {
    addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      drop.hidden = type === 'drop' || (type === 'dragleave' && !event.relatedTarget);
      if (type === 'drop') onFiles([...event.dataTransfer.files]);
    });
  }
}
