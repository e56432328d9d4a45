// One toast at a time, bottom left of the ticket; errors are bars and stay where the thing failed.
import { $, el, icon, t } from "./page.ts";

let ending = 0;

export function toast(text: string, options: { icon?: string; seconds?: number; action?: () => void } = {}): void {
  const floor = $("#toasts");
  if (!floor) return;
  clearTimeout(ending);
  const words = el("span", "", text);
  const made = el("div", "toast", icon(options.icon ?? "check"), words);
  const seconds = options.seconds ?? 4;
  if (options.action) {
    const undo = el("button", "btn", icon("undo-2"), t("undo"), el("kbd", "not-phone", "Z"));
    undo.dataset.undo = "";
    undo.addEventListener("click", options.action, { once: true });
    const line = el("span", "left");
    line.style.animationDuration = `${seconds}s`;
    made.append(undo, line);
  }
  floor.replaceChildren(made);
  ending = window.setTimeout(() => made.remove(), seconds * 1000);
}

export const clearToast = (): void => {
  clearTimeout(ending);
  $("#toasts")?.replaceChildren();
};

/** A failure, where it happened: the bar over the composer, else a toast that says so. */
export function problem(text: string): void {
  const bar = $("#composer .problem");
  if (!bar) return toast(text, { icon: "circle-alert", seconds: 8 });
  const close = el("button", "btn plain icon", icon("x"));
  close.addEventListener("click", () => (bar.hidden = true));
  bar.replaceChildren(icon("circle-alert"), el("span", "", text), el("span", "grow"), close);
  bar.hidden = false;
}
