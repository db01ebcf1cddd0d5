import { h, icon } from './entries.js';

const STAR = 'M12 3l2.8 5.9 6.2.9-4.5 4.5 1.1 6.5-5.6-3.1-5.6 3.1 1.1-6.5L3 9.8l6.2-.9z';
import { style } from './later.js';

style(`
.rating { margin-block-start: 16px; padding: 16px; border: 1px solid var(--line); border-radius: var(--radius); text-align: center; }
legend { width: 100%; padding: 0; font-weight: 600; }
.stars { display: flex; justify-content: center; margin-block-start: 4px; }
.stars label { position: relative; padding: 9px; border-radius: 12px; color: var(--field-line); cursor: pointer; }
.stars svg { width: 26px; height: 26px; }
.stars .on, .stars label:hover { color: #b45309; }
.stars .on svg { fill: #f59e0b; }
.stars label:has(:focus-visible) { outline: 2px solid var(--text); outline-offset: -3px; }
.more { display: grid; gap: 8px; margin-block-start: 8px; }
.rating textarea { width: 100%; padding: 8px 12px; border: 1px solid var(--field-line); border-radius: 12px; background: none; resize: none; }
.thanks { font-weight: 600; }
@media (pointer: coarse), (max-width: 340px) {
  .stars label { padding: 11px 8px; }
  .rating textarea { font-size: 16px; }
}`);

export function fillRating(box, { timeline }, { t }, onRate) {
  const thank = () => box.replaceChildren(h('p', { class: 'thanks' }, t('thanks')));
  box.refresh = () => { if (timeline.session.satisfaction && !box.querySelector('.thanks')) thank(); };
  if (timeline.session.satisfaction) thank();
  else box.append(buildForm(t, onRate));
}

function buildForm(t, onRate) {
  const comment = h('textarea', { rows: 2, maxlength: 1000, placeholder: t('comment'), 'aria-label': t('comment') });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = h('button', { class: 'primary' }, t('rateSend'));
  const more = h('div', { class: 'more', hidden: true }, comment, problem, submit);
  const stars = buildStars(t, () => { more.hidden = false; });
  return h('form', {
    async onsubmit(event) {
      event.preventDefault();
      submit.disabled = true;
      problem.textContent = '';
      try {
        await onRate(Number(new FormData(event.target).get('rating')), comment.value.trim());
      } catch { problem.textContent = t('rateFailed'); }
      submit.disabled = false;
    },
  }, h('fieldset', {}, h('legend', {}, t('rate')), stars), more);
}

function buildStars(t, onPick) {
  const box = h('div', { class: 'stars' });
  for (let n = 1; n <= 5; n += 1) {
    const radio = h('input', { type: 'radio', name: 'rating', value: n, required: true, class: 'sr', 'aria-label': t('stars', { n }) });
    box.append(h('label', {}, radio, icon(STAR)));
  }
  box.addEventListener('change', ({ target }) => {
    [...box.children].forEach((label, i) => label.classList.toggle('on', i < target.value));
    onPick();
  });
  return box;
}
