// Times in the reader's own zone and language; ages tick.
import { client, t } from "./client.js";

// Chromium knows Uzbek but none of its months ("M11"): there, figures with the day first, as Uzbeks write them.
const nameless = /^M\d/.test(new Intl.DateTimeFormat(client.language, { month: "long" }).format(0));
const DAY = { day: "2-digit", month: "2-digit" };
const DATE = { ...DAY, year: "numeric" };
const MINUTE = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const format = (options, figures = options) =>
  nameless ? new Intl.DateTimeFormat("ru", figures) : new Intl.DateTimeFormat(client.language, options);
const clockFormat = format(MINUTE);
const dayFormat = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }, DATE);
const shortFormat = format({ day: "numeric", month: "short" }, DAY);
const momentFormat = format({ day: "numeric", month: "short", year: "numeric", ...MINUTE }, { ...DATE, ...MINUTE });
const exactFormat = format({ dateStyle: "long", timeStyle: "short" }, { ...DATE, ...MINUTE });

export function age(date, now = new Date()) {
  const seconds = Math.floor((now - date) / 1000);
  if (seconds < 60) return t("now");
  if (seconds < 3600) return t("minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("hours", { n: Math.floor(seconds / 3600) });
  if (seconds < 7 * 86400) return t("days", { n: Math.floor(seconds / 86400) });
  return shortFormat.format(date);
}

export const dayKey = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

export function dayName(date) {
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (dayKey(date) === dayKey(today)) return t("today");
  if (dayKey(date) === dayKey(yesterday)) return t("yesterday");
  return dayFormat.format(date);
}

/** When it opens: the hour, with the day if that is another one. */
export function opening(date) {
  const hour = clockFormat.format(date);
  return dayKey(date) === dayKey(new Date()) ? hour : `${shortFormat.format(date)}, ${hour}`;
}

const SHAPES = { ago: age, until: opening, clock: (date) => clockFormat.format(date), moment: (date) => momentFormat.format(date) };

/** Give a <time> another moment. */
export function setTime(element, iso, shape = element.dataset.time) {
  element.dataset.time = shape;
  element.dateTime = iso;
  showTime(element);
}

export function makeTime(iso, shape) {
  const element = document.createElement("time");
  setTime(element, iso, shape);
  return element;
}

function showTime(element) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) return;
  const text = SHAPES[element.dataset.time]?.(date);
  if (text && element.textContent !== text) element.textContent = text;
  element.title = exactFormat.format(date);
}

export function showTimes(root = document) {
  root.querySelectorAll("time[data-time]").forEach(showTime);
}

export function startTicking() {
  showTimes();
  setInterval(() => document.querySelectorAll('time[data-time="ago"]').forEach(showTime), 15000);
}
