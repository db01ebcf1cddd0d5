// Proactive messages, the frame's side: which are watched for, whether one may be shown now, what was shown.
import './later.js';

const VISIT = 30 * 60000;
const QUIET = 10000;

export class Prompts {
  #parts; #config; #triggers = []; #shown = null; #answered = null; #counted = false; #quietUntil = 0;

  constructor(parts) { this.#parts = parts; }

  // {visit: number, seen: time, shown: {id: [visit, time]}}
  get #memory() { return { visit: 0, seen: 0, shown: {}, ...this.#parts.storage.get('prompts') }; }

  #note(change) { this.#parts.storage.set('prompts', { ...this.#memory, seen: Date.now(), ...change }); }

  update(config) {
    const { visit, seen } = this.#memory;
    this.#note({ visit: Date.now() - seen > VISIT ? visit + 1 : visit });
    this.#config = config;
    this.#shown = null;
    const { triggers = [], proactiveMessage: own } = config.behavior;
    this.#triggers = own?.enabled ? [...triggers, { id: config.widgetId, condition: 'page_load', repeat: 'session', ...own }] : triggers;
    const list = config.enabled === false ? [] : this.#triggers.filter((trigger) => this.#may(trigger));
    this.#parts.host.post('watch', { page: 1, list: list.map(({ id, condition, delay, threshold }) => ({ id, condition, delay, threshold })) });
  }

  #may({ id, condition, repeat, repeatHours }) {
    const { visit, shown } = this.#memory;
    if (condition === 'returning_visitor' && visit < 2) return false;
    if (!shown[id]) return true;
    const [when, at] = shown[id];
    if (repeat === 'session') return when !== visit;
    return repeat === 'hours' && Date.now() - at > repeatHours * 3600000;
  }

  hear({ met, dismissed, open }) {
    if (met) this.#meet(this.#triggers.find(({ id }) => id === met), open);
    if (dismissed) this.#shown = null;
    if (open && this.#shown) this.#answer();
  }

  #meet(trigger, open) {
    const { conversation, outbox, host, count, words } = this.#parts;
    const busy = open || (conversation.session && !conversation.current.ended) || outbox.items.length || Date.now() < this.#quietUntil;
    // Another tab may have shown it since.
    if (!trigger || busy || !this.#may(trigger)) return;
    const { visit, shown } = this.#memory;
    this.#note({ shown: { ...shown, [trigger.id]: [visit, Date.now()] } });
    this.#quietUntil = Date.now() + QUIET;
    this.#shown = trigger;
    host.post('prompt', { page: 1, id: trigger.id, text: trigger.message, name: this.#config.appearance.headerText || this.#config.name, dismiss: words.t('dismiss') });
    count('trigger_shown', trigger.id);
  }

  #answer() {
    this.#answered = { ...this.#shown, at: new Date().toISOString() };
    this.#shown = null;
    this.#counted = false;
    this.#parts.host.post('prompt', { page: 1 });
    this.#parts.onChange();
  }

  // What the visitor is about to answer, until the session has it.
  entries() {
    const { session, current } = this.#parts.conversation;
    if (!this.#answered) return [];
    if (session && !current.ended) {
      this.#answered = null;
      return [];
    }
    const { id, message, at } = this.#answered;
    return [{ id, messages: [{ id, senderType: 'system', type: 'text', content: message, sentAt: at, attachments: [] }] }];
  }

  mark() {
    if (!this.#answered) return {};
    if (!this.#counted) this.#parts.count('trigger_answered', this.#answered.id);
    this.#counted = true;
    return { triggerId: this.#answered.id };
  }
}
