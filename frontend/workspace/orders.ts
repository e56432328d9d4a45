// Orders beside the ticket: what is unfolded stays so when the side is drawn anew; a quote goes where the cursor is.
import { composer } from "./composer.ts";
import { closeMenu } from "./menus.ts";
import { $$ } from "./page.ts";

const unfolded = new Set<string>();
let redrawing = false;

function quote(text: string): void {
  const into = composer();
  closeMenu();
  if (!into) return;
  into.focusIn("reply");
  const before = into.area.value && !into.area.value.endsWith("\n") ? "\n\n" : "";
  if (document.activeElement?.matches("[contenteditable=true]")) document.execCommand("insertText", false, `${text}\n`);
  else into.insert(`${before}${text}\n`, into.area.selectionEnd);
}

export function startOrders(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-quote]");
    if (button?.dataset.quote) quote(button.dataset.quote);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const order = event.target as HTMLElement;
      if (!order.matches("details.order")) return;
      if ((order as HTMLDetailsElement).open) unfolded.add(order.id);
      else if (order.isConnected && !redrawing) unfolded.delete(order.id);
    },
    true,
  );
  document.addEventListener("htmx:before:swap", () => (redrawing = true));
  document.addEventListener("htmx:after:swap", () => {
    for (const order of $$<HTMLDetailsElement>("details.order")) if (unfolded.has(order.id)) order.open = true;
    // Toggle events come a moment after their cause.
    setTimeout(() => (redrawing = false), 50);
  });
}
