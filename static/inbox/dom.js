// Small ways to reach into markup that the server drew.
import { client } from "./client.js";

export const slot = (root, name) => root.querySelector(`[data-slot="${name}"]`);

/** A fresh copy of an empty shape of blanks.html. */
export function blank(name) {
  return document.getElementById(`blank-${name}`).content.querySelector("*").cloneNode(true);
}

/** An entry's shape: its blank may carry a day line first. */
export function blankEntry(name) {
  return document.getElementById(`blank-${name}`).content.querySelector(".entry").cloneNode(true);
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${client.sprite}#${name}`);
  svg.append(use);
  return svg;
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Call `work` once, `wait` ms after the last call. */
export function debounce(work, wait) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), wait);
  };
}

export const isPhone = () => matchMedia("(max-width: 47.99rem)").matches;
export const currentChat = () => document.getElementById("conversation")?.dataset.chat || "";
