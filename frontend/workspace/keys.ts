// Every key, in one table: the palette teaches them. Single letters act only outside fields and can be switched off.
import { $, facts, inField } from "./page.ts";
import { go, press, solve, switchWay } from "./commands.ts";
import { composer } from "./composer.ts";
import { clearPicks, current, pick, showFresh, step, takeNext } from "./list.ts";
import { backToList, nextPane, toggle } from "./panes.ts";
import { openPalette } from "./palette.ts";

const SINGLE: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  r: () => composer()?.focusIn("reply"),
  n: () => composer()?.focusIn("note"),
  e: () => void solve(),
  h: () => press("h"),
  a: () => press("a"),
  c: () => switchWay((ways) => ways.next(1)),
  l: () => press("l"),
  m: () => press("m"),
  s: () => press("s"),
  x: () => pick(current()),
  z: () => $<HTMLElement>("[data-undo]")?.click(),
  i: () => toggle("side"),
  ".": () => void showFresh(),
  " ": () => void takeNext(),
  "/": () => openPalette(),
  "?": () => $<HTMLDialogElement>("#keysheet")?.showModal(),
};
const GO: Record<string, () => void> = { m: go("mine"), u: go("unassigned"), a: go("all"), s: go("solved"), w: go("waiting"), "@": go("mentions") };
let waits = 0;

function global(event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") openPalette();
  else if (event.key === "F6") nextPane();
  else if (event.altKey && !command && event.code === "KeyC") switchWay((ways) => ways.next(event.shiftKey ? -1 : 1));
  else if (event.altKey && !command && /^Digit[1-9]$/.test(event.code)) switchWay((ways) => ways.nth(Number(event.code.slice(5))));
  else return false;
  return true;
}

function single(event: KeyboardEvent): boolean {
  if (waits && Date.now() - waits < 1500) {
    waits = 0;
    const way = GO[event.key.toLowerCase()];
    way?.();
    return !!way;
  }
  if (event.key === "g") {
    waits = Date.now();
    return true;
  }
  const target = event.target as Element;
  if (event.key === " " && target.closest("button, a, summary, label, [role=button]")) return false;
  const run = SINGLE[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  run?.();
  return !!run;
}

export function startKeys(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("#solve")) void solve();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (global(event)) return event.preventDefault();
    if (event.key === "Escape") return escape(event);
    const free = !event.ctrlKey && !event.metaKey && !event.altKey && !inField(event.target);
    if (!free || !facts.keys || $("dialog[open]") || $(".menu:popover-open")) return;
    if (single(event)) event.preventDefault();
  });
}

function escape(event: KeyboardEvent): void {
  if (inField(event.target) || $("dialog[open]")) return;
  clearPicks();
  toggle("views", false);
  toggle("side", false);
  if (matchMedia("(max-width: 639px)").matches) backToList();
}

