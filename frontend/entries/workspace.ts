import htmx from "htmx.org/dist/htmx.esm.js";
import { problem } from "../workspace/toast.ts";
import { startComposer } from "../workspace/composer.ts";
import { startKeys } from "../workspace/keys.ts";
import { startList } from "../workspace/list.ts";
import { startLive } from "../workspace/live.ts";
import { startMenus } from "../workspace/menus.ts";
import { $, t } from "../workspace/page.ts";
import { startOrders } from "../workspace/orders.ts";
import { startPalette } from "../workspace/palette.ts";
import { startPanes } from "../workspace/panes.ts";
import { opened, startTicket } from "../workspace/ticket.ts";

startComposer();
startMenus();
startOrders();
startPanes();
startPalette();
startKeys();
if ($("#list[data-view]")) {
  startList();
  startTicket();
}
startLive();

// A ticket came in beside the list: it is open now, wherever it was asked for from.
document.addEventListener("htmx:after:swap", () => {
  const pane = $("#ticket[data-number]:not([data-shown])");
  if (pane) {
    pane.dataset.shown = "1";
    opened();
  }
  const bar = $("#composer .problem");
  if (bar) bar.hidden = bar.childElementCount < 2 || bar.textContent.trim() === "" ? true : bar.hidden;
});
// Errors stay where they happened; a body that is not ours is never put into the page.
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: { response: { status: number; headers: Headers } } }>).detail;
  const { status } = ctx.response;
  if (status < 400 || status === 422) return;
  event.preventDefault();
  problem(t(status === 403 ? "forbidden" : "failed"));
});
document.addEventListener("htmx:error", () => problem(t("failed")));
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: { response: { status: number } } }>).detail;
  const bar = $("#composer .problem");
  if (bar) bar.hidden = ctx.response.status !== 422;
});
void htmx;
