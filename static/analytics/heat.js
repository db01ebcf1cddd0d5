// The week by the hour: one stop for the Tab key, arrows move inside.

export function startHeat() {
  for (const table of document.querySelectorAll("[data-heat]")) start(table);
}

function start(table) {
  const cells = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("a")));
  const links = cells.flat().filter(Boolean);
  links.forEach((link, place) => (link.tabIndex = place ? -1 : 0));

  /** The next link on the way, leaping over hours without chats. */
  function next(row, column, down, right) {
    for (let [y, x] = [row + down, column + right]; cells[y]?.[x] !== undefined; y += down, x += right) if (cells[y][x]) return cells[y][x];
    return null;
  }

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !event.target.matches("a")) return;
    event.preventDefault();
    const row = cells.findIndex((line) => line.includes(event.target));
    const target = next(row, cells[row].indexOf(event.target), ...step);
    if (!target) return;
    for (const link of links) link.tabIndex = link === target ? 0 : -1;
    target.focus();
  });
}
