// Orders beside the ticket: what is unfolded stays so when the side is drawn anew; a quote goes where the cursor is.
import { composer } from "./composer.ts";
import { closeMenu } from "./menus.ts";
import { $, $$, el } from "./page.ts";

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

/** Numbers of the customer's orders in what was written lead to the order beside it. */
function link(): void {
  const ids = new Map($$<HTMLElement>("details.order[data-number]").map((order) => [order.dataset.number?.toUpperCase() ?? "", order.id]));
  ids.delete("");
  if (!ids.size) return;
  const plain = [...ids.keys()].map((number) => number.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const named = new RegExp(`(?<![\\w-])(?:${plain.join("|")})(?![\\w-])`, "gi");
  for (const text of $$("#tail .msg .text")) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    while (walker.nextNode()) nodes.push(walker.currentNode as Text);
    for (const node of nodes) if (!node.parentElement?.closest("a")) wrap(node, named, ids);
  }
}

function wrap(node: Text, named: RegExp, ids: Map<string, string>): void {
  const pieces: (Node | string)[] = [];
  let from = 0;
  for (const found of node.data.matchAll(named)) {
    const anchor = el("a", "link", found[0]);
    anchor.setAttribute("href", `#${ids.get(found[0].toUpperCase()) ?? ""}`);
    pieces.push(node.data.slice(from, found.index), anchor);
    from = found.index + found[0].length;
  }
  if (pieces.length) node.replaceWith(...pieces, node.data.slice(from));
}

function show(order: HTMLDetailsElement): void {
  if (!order.checkVisibility()) $("[data-toggle=side]")?.click();
  order.open = true;
  order.scrollIntoView({ block: "nearest" });
  $("summary", order)?.focus();
}

export function startOrders(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-quote]");
    if (button?.dataset.quote) quote(button.dataset.quote);
    const named = (event.target as Element).closest<HTMLAnchorElement>('.msg a[href^="#order-"]');
    const order = named && $<HTMLDetailsElement>(named.hash);
    if (!order) return;
    event.preventDefault();
    show(order);
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
    link();
    // Toggle events come a moment after their cause.
    setTimeout(() => (redrawing = false), 50);
  });
  link();
}
