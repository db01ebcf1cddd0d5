// The reports: the inbox's frame, and what only scripts can add to pages that work without them.
import { line } from "../inbox/page.js";
import { startCharts } from "./charts.js";
import { startFilters } from "./filters.js";
import { startHeat } from "./heat.js";
import { startInfo } from "./info.js";
import { startNow } from "./now.js";

startCharts();
startFilters();
startHeat();
startInfo();
startNow(line);
// Where the menu lies along the top, the report that is open is in sight.
document.querySelector(".reports-menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
