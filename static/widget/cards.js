import { h } from './entries.js';

// Draws cards, quick replies and stickers: for the visitor (rich.js) and, in the inbox, for the team. What a button is
// there, each says itself. Pictures have their room before they come, so that nothing
// jumps; the padding is the focus ring's, which a box that scrolls would cut off.
export const STYLE = `
.cards { display: flex; gap: 8px; box-sizing: border-box; max-width: calc(100% + 8px); padding: 4px; margin-inline: -4px; overflow-x: auto; scroll-snap-type: x proximity; }
.cards .card { display: grid; flex: none; gap: 8px; align-content: start; width: 200px; padding: 12px; border: 1px solid var(--line); border-radius: var(--radius); scroll-snap-align: start; }
.cards .card:only-child { width: 100%; max-width: 260px; }
.cards .card > img { width: 100%; height: 120px; border-radius: 8px; object-fit: cover; }
.cards .card p { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.cards .choices { display: grid; gap: 8px; }
.cards.quick .card { width: 100%; max-width: none; padding: 0; border: 0; }
.cards.quick .card p { font-weight: inherit; }
.cards.quick .choices { display: flex; flex-wrap: wrap; }
.cards.sticker .card { width: auto; padding: 0; border: 0; }
.cards.sticker img { width: 120px; object-fit: contain; }
.cards .choice { display: block; min-height: 44px; padding: 10px 14px; border: 1px solid var(--field-line); border-radius: 22px; background: none; color: inherit; font: inherit; text-align: center; text-decoration: none; overflow-wrap: anywhere; }
.cards .choice:focus-visible, .cards:focus-visible { outline: 2px solid var(--text); outline-offset: 1px; }`;

const LOOKS = { quick_replies: 'quick', sticker: 'sticker' };

// choice(button, j, i) makes the element of the jth button of the ith card.
export function cards({ template_id: template, elements }, choice) {
  const label = elements[0].title || elements[0].image?.name || null;
  return h('div', { class: `cards ${LOOKS[template] || ''}`, tabindex: elements.length > 1 ? 0 : null, role: 'group', 'aria-label': label },
    ...elements.map((element, i) => card(element, (button, j) => choice(button, j, i))));
}

function card({ title, image, buttons }, make) {
  return h('div', { class: 'card' },
    image && h('img', { src: image.url, alt: image.name || title || '', loading: 'lazy', onerror: wordsInstead }),
    title && h('p', {}, title),
    buttons.length > 0 && h('div', { class: 'choices' }, ...buttons.map(make)));
}

// A picture that does not come leaves neither a hole nor a broken one: its name, where the card has no other words.
function wordsInstead({ target }) {
  const alone = target.alt && !target.parentNode.querySelector('p');
  target.replaceWith(...(alone ? [h('p', {}, target.alt)] : []));
}

export const tel = (number) => `tel:${number.replace(/[^+\d]/g, '')}`;
