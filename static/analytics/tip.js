// What stands under the pointer: a plugin of uPlot. Words come from the table's cells, so they are the page's own.
import { element } from "../inbox/dom.js";

/** Returns the plugin; `open(place)` is called when a part is pressed. */
export function tip(root, table, open) {
  const box = element("div", { class: "chart-tip" });
  box.hidden = true;

  function fill(place) {
    const lines = table.series.map((one) => element("li", { class: `${one.draw} series-${one.place}` }, element("span", {}, one.title), element("b", {}, one.words[place])));
    box.replaceChildren(element("p", {}, table.labels[place]), element("ul", {}, ...lines));
  }

  function move(plot) {
    const place = plot.cursor.idx;
    box.hidden = place === null || place === undefined || plot.cursor.left < 0;
    if (box.hidden) return;
    fill(place);
    const x = plot.over.offsetLeft + plot.valToPos(place, "x");
    const right = x + box.offsetWidth + 24 > root.clientWidth;
    box.style.transform = `translate(${right ? x - box.offsetWidth - 12 : x + 12}px, 8px)`;
  }

  return {
    hooks: {
      init: (plot) => {
        root.append(box);
        plot.over.addEventListener("click", () => open(plot.cursor.idx));
        plot.over.classList.toggle("opens", table.links.some(Boolean));
      },
      setCursor: move,
      destroy: () => box.remove(),
    },
  };
}
