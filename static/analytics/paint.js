// How charts look: uPlot's options, made of the tokens of the style sheets.

const FONT = 12;
const TICKS = { count: null, seconds: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800] };

/** The colours of now, as the browser works them out: tokens may be light-dark(). */
export function colours(root) {
  const probe = document.createElement("i");
  root.append(probe);
  const of = (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    text: of("--muted"),
    line: of("--line"),
    series: [1, 2, 3, 4].map((n) => of(`--series-${n}`)),
    surface: of("--surface"),
    font: getComputedStyle(root).fontFamily,
  };
  probe.remove();
  return found;
}

/** uPlot's options for some series, without size and plugins. */
export function paint({ shown, short, unit, language, colours: colour }) {
  const font = `${FONT}px ${colour.font}`;
  const axis = { stroke: colour.text, font, ticks: { show: false } };
  return {
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: { y: false, points: { size: 8 }, drag: { setScale: false, x: false } },
    scales: { x: { time: false, range: (_, low, high) => [low - 0.5, high + 0.5] }, y: { range: (_, low, high) => [0, top(high, unit)] } },
    axes: [
      { ...axis, grid: { show: false }, gap: 6, size: 28, splits: (plot) => splits(short.length, plot.width), values: (_, places) => places.map((place) => short[place] ?? "") },
      { ...axis, grid: { stroke: colour.line, width: 1 }, gap: 8, size: 52, incrs: unit === "seconds" ? TICKS.seconds : unit === "count" ? [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000] : undefined, values: (_, values) => values.map((value) => tick(value, unit, language)) },
    ],
    series: [{}, ...shown.map((one) => look(one, colour))],
  };
}

function top(high, unit) {
  if (unit === "stars") return 5;
  if (unit === "share") return 1;
  return high > 0 ? high * 1.08 : 1;
}

/** Every label on a wide axis, every few on a narrow one; the first always. */
function splits(count, width) {
  const step = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(width / 72))));
  return Array.from({ length: Math.ceil(count / step) }, (_, n) => n * step);
}

function tick(value, unit, language) {
  if (unit === "share") return new Intl.NumberFormat(language, { style: "percent" }).format(value);
  if (unit === "seconds") return length(value, language);
  return new Intl.NumberFormat(language, { notation: "compact" }).format(value);
}

function length(seconds, language) {
  const [number, name] = seconds >= 86400 ? [seconds / 86400, "day"] : seconds >= 3600 ? [seconds / 3600, "hour"] : seconds >= 60 ? [seconds / 60, "minute"] : [seconds, "second"];
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: 1 }).format(number);
}

function look({ draw, place }, colour) {
  const stroke = colour.series[(place - 1) % colour.series.length];
  if (draw === "bar") return { stroke: colour.surface, width: 1, fill: stroke, paths: uPlot.paths.bars({ size: [0.7, 44], radius: [0.18, 0] }), points: { show: false } };
  const dashed = draw === "dash";
  return { stroke, width: dashed ? 1.5 : 2, dash: dashed ? [5, 4] : undefined, spanGaps: true, points: { show: !dashed, size: 5, fill: stroke } };
}
