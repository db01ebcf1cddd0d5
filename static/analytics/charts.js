// Draws tables as bars and lines (uPlot). The table is the one source: its columns say how, its cells hold the values.
import { client } from "../inbox/client.js";
import { colours, paint } from "./paint.js";
import { tip } from "./tip.js";

/** What a table says: labels of the rows, and for each column that is drawn its title, way, values, words and links. */
function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const series = heads.flatMap((head, place) => {
    if (!head.dataset.draw) return [];
    const cells = rows.map((row) => row.cells[place]);
    return [
      {
        place,
        title: head.textContent.trim(),
        draw: head.dataset.draw,
        values: cells.map((cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value))),
        words: cells.map((cell) => cell.textContent.trim()),
      },
    ];
  });
  const links = rows.map((row) => row.querySelector("td a")?.href ?? "");
  return { labels: rows.map((row) => row.cells[0].textContent.trim()), short: rows.map((row) => row.dataset.short), series, links };
}

/** Each bar stands on the ones before it: their tops, drawn from the highest to the lowest. */
function stack(series) {
  const bars = series.filter(({ draw }) => draw === "bar");
  const tops = bars.map((_, place) => bars[0].values.map((_, x) => bars.slice(0, place + 1).reduce((sum, bar) => sum + (bar.values[x] ?? 0), 0)));
  return new Map(bars.map((bar, place) => [bar, tops[place]]));
}

function draw(chart) {
  const plot = chart.querySelector(".chart-plot");
  const table = read(chart.querySelector("table"));
  const tops = "stacked" in chart.dataset ? stack(table.series) : new Map();
  const bars = table.series.filter(({ draw: way }) => way === "bar").reverse();
  // The tallest stack first, so that the lower ones cover its foot; lines above them all.
  const shown = [...bars, ...table.series.filter(({ draw: way }) => way !== "bar")];
  const data = [table.labels.map((_, place) => place), ...shown.map((one) => tops.get(one) ?? one.values)];
  const options = {
    ...paint({ shown, short: table.short, unit: chart.dataset.unit, language: client.language, colours: colours(plot) }),
    width: plot.clientWidth,
    height: plot.clientHeight,
    plugins: [tip(plot, table, (place) => table.links[place] && location.assign(table.links[place]))],
  };
  return new uPlot(options, data, plot);
}

function start(chart) {
  const plot = chart.querySelector(".chart-plot");
  let made = null;
  const again = () => {
    made?.destroy();
    made = plot.clientWidth ? draw(chart) : null;
  };
  new ResizeObserver(() => (made ? made.setSize({ width: plot.clientWidth, height: plot.clientHeight }) : again())).observe(plot);
  // Colours are painted, not styled: another theme means another painting.
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}

/** The table is there for who hears the page; while nobody sees it, Tab does not get lost in it. */
function show(chart, asTable) {
  chart.toggleAttribute("data-as-table", asTable);
  const scroll = chart.querySelector(".chart-table");
  scroll.tabIndex = asTable ? 0 : -1;
  for (const link of scroll.querySelectorAll("a")) link.tabIndex = asTable ? 0 : -1;
}

export function startCharts() {
  for (const chart of document.querySelectorAll("[data-chart]")) {
    show(chart, false);
    start(chart);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toggle-table]");
    if (!button) return;
    const asTable = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(asTable));
    show(button.closest(".part").querySelector("[data-chart]"), asTable);
  });
}
