import { h, icon } from './entries.js';

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
    box.append(h('label', {}, radio, icon('star')));
  }
  box.addEventListener('change', ({ target }) => {
    [...box.children].forEach((label, i) => label.classList.toggle('on', i < target.value));
    onPick();
  });
  return box;
}
