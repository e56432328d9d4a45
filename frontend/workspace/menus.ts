// A button with data-menu opens what its address answers, under itself. Arrows choose, Escape returns.
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, $$, piece, t } from "./page.ts";
import { problem } from "./toast.ts";

let invoker: HTMLElement | null = null;

function place(menu: HTMLElement, under: HTMLElement): void {
  const at = under.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  if (!at.width) {
    // Asked for by a key while its button is folded away: under the head, in the middle.
    menu.style.left = `${Math.max(8, (innerWidth - size.width) / 2)}px`;
    menu.style.top = "56px";
    return;
  }
  const below = at.bottom + 4 + size.height < innerHeight - 8;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - size.height - 4)}px`;
}

export async function openMenu(button: HTMLElement): Promise<void> {
  const menu = $("#menu");
  const url = button.dataset.menu;
  if (!menu || !url) return;
  const again = invoker === button && menu.matches(":popover-open");
  menu.hidePopover();
  if (again) return;
  try {
    menu.innerHTML = (await piece(url)).html;
  } catch (error) {
    return problem(t((error as Error).message === "403" ? "forbidden" : "failed"));
  }
  htmx.process(menu);
  invoker = button;
  menu.showPopover();
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  $<HTMLElement>("textarea, input:not([type=hidden]), .it", menu)?.focus();
}

export const closeMenu = (): void => $("#menu")?.hidePopover();

function filter(input: HTMLInputElement): void {
  const words = input.value.toLowerCase();
  for (const item of $$(".it", input.closest(".menu") ?? document)) {
    item.hidden = !item.textContent.toLowerCase().includes(words);
  }
}

function walk(menu: HTMLElement, event: KeyboardEvent): void {
  const items = $$(".it", menu).filter((item) => item.offsetParent);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = event.key === "ArrowDown" ? items[at + 1] ?? items[0] : event.key === "ArrowUp" ? items[at - 1] ?? items.at(-1) : null;
  if (next) {
    event.preventDefault();
    next.focus();
  } else if (event.key === "Enter" && document.activeElement?.matches(".find-in") && items[0] && !document.activeElement.closest("form")) {
    event.preventDefault();
    items[0].click();
  }
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-menu]");
    if (button) void openMenu(button);
  });
  for (const menu of $$("[popover]")) {
    menu.addEventListener("keydown", (event) => walk(menu, event));
    menu.addEventListener("input", (event) => {
      if ((event.target as Element).matches(".find-in")) filter(event.target as HTMLInputElement);
    });
  }
  const menu = $("#menu");
  menu?.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    invoker?.removeAttribute("aria-expanded");
    if (menu.contains(document.activeElement) || document.activeElement === document.body) invoker?.focus();
  });
  menu?.addEventListener("submit", () => setTimeout(closeMenu));
  menu?.addEventListener("click", (event) => {
    if ((event.target as Element).closest("a.it")) closeMenu();
  });
  // The two fixed menus (profile, endings) open by popovertarget; only their place is ours.
  document.addEventListener(
    "toggle",
    (event) => {
      const opened = event.target as HTMLElement;
      if ((event as ToggleEvent).newState !== "open" || opened.id === "menu" || !opened.matches(".menu")) return;
      const button = $(`[popovertarget="${opened.id}"]`);
      if (button) place(opened, button);
    },
    true,
  );
}
