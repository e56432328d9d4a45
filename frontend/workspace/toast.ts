// One toast at a time, bottom left of the ticket; errors are bars and stay where the thing failed.
import { $, el, icon, t } from "./page.ts";

let ending = 0;
let counting = 0;

export function toast(text: string, options: { icon?: string; seconds?: number; action?: () => void; count?: (left: number) => string } = {}): void {
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
  // Above the composer: what can be pressed there stays in sight.
  const top = $("#composer")?.getBoundingClientRect().top;
  floor.style.bottom = top ? `${innerHeight - top + 12}px` : "";
  clearInterval(counting);
  const { count } = options;
  if (count) {
    const until = Date.now() + seconds * 1000;
    counting = window.setInterval(() => (words.textContent = count(Math.max(0, Math.round((until - Date.now()) / 1000)))), 1000);
  }
  ending = window.setTimeout(() => made.remove(), seconds * 1000);
}

export const clearToast = (): void => {
  clearTimeout(ending);
  clearInterval(counting);
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
