// Which pane is open: drawers of the middle widths, the one pane of a phone, F6 from one to the next.
import { $, $$, app } from "./page.ts";

const PANES = ["#views", "#list", "#ticket", "#side"];

export function toggle(what: string, open?: boolean): void {
  if (what === "filters") {
    const filters = $<HTMLFormElement>("#filters");
    if (!filters) return;
    filters.hidden = open === undefined ? !filters.hidden : !open;
    $('[data-toggle="filters"]')?.setAttribute("aria-expanded", String(!filters.hidden));
    if (!filters.hidden) $<HTMLInputElement>("input", filters)?.focus();
    return;
  }
  const state = app().dataset;
  const now = open ?? state[what] !== "open";
  if (now) state[what] = "open";
  else delete state[what];
}

export function nextPane(): void {
  const shown = PANES.map((id) => $(id)).filter((pane): pane is HTMLElement => !!pane && pane.offsetParent !== null);
  const at = shown.findIndex((pane) => pane.contains(document.activeElement));
  const pane = shown[(at + 1) % shown.length];
  const inside = pane && $<HTMLElement>('[aria-current], a, button, input, textarea, [tabindex="-1"]', pane);
  (inside ?? pane)?.focus();
}

export function backToList(): void {
  delete app().dataset.open;
  const number = $("#ticket")?.dataset.number;
  $<HTMLElement>(`#row-${number ?? ""}`)?.focus();
}

export function startPanes(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-toggle]");
    if (button?.dataset.toggle) return toggle(button.dataset.toggle);
    if (target.closest("[data-back]")) {
      if (!$("#list")) return;
      event.preventDefault();
      backToList();
      history.replaceState({ htmx: true }, "", target.closest<HTMLAnchorElement>("[data-back]")?.href);
    }
  });
  // Beside an open drawer a click only closes it.
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const open = (["views", "side"] as const).find((what) => app().dataset[what] === "open" && !target.closest(`#${what}, [data-toggle], .menu, dialog`));
    if (!open) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(open, false);
  }, true);
  // The browser asks when the switch is turned, not when the first notice comes.
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.name === "notify" && input.checked && !input.closest("form.likes") && "Notification" in window) void Notification.requestPermission();
  });
  // A preference is kept as soon as it is chosen.
  for (const form of $$<HTMLFormElement>("form.likes")) {
    form.addEventListener("change", (event) => {
      const input = event.target as HTMLInputElement;
      if (input.name === "notify" && input.checked && "Notification" in window) {
        void Notification.requestPermission().finally(() => form.requestSubmit());
      } else form.requestSubmit();
    });
  }
}
