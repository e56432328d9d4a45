// The list of tickets: one tab stop with J and K inside, rows that change in place, arrivals that announce themselves.
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, $$, later, openNumber, piece, post, t } from "./page.ts";
import { problem, toast } from "./toast.ts";

const list = (): HTMLElement | null => $("#list[data-view]");
const rows = (): HTMLElement[] => $$("#rows > .row");
const fresh = new Set<number>();
const picked = new Set<string>();

/** One tab stop: the row that has focus, else the open one, else the first. */
function rove(to?: HTMLElement | null): void {
  const all = rows();
  const stop = to ?? all.find((row) => row === document.activeElement) ?? all.find((row) => row.matches(".sel")) ?? all[0];
  for (const row of all) row.tabIndex = row === stop ? 0 : -1;
}

// Coming back by the browser's button finds the list where it was left.
const place = (): string => `list:${list()?.dataset.view}?${list()?.dataset.query ?? ""}`;

export function step(by: number): void {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement || (row.matches(".sel") && !document.activeElement?.matches(".row")));
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>(".row") ?? $("#rows > .row.sel");

export function select(number: number): void {
  for (const row of rows()) {
    const on = Number(row.dataset.number) === number;
    row.classList.toggle("sel", on);
    row.classList.toggle("unread", row.classList.contains("unread") && !on);
    if (on) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  rove();
}

/** The ticket that comes after this one in the list: where focus goes once it is done with. */
export function after(number: number): HTMLElement | null {
  const all = rows();
  const at = all.findIndex((row) => Number(row.dataset.number) === number);
  return all[at + 1] ?? all[at - 1] ?? null;
}

const address = (what: string): string => {
  const at = list();
  return `/app/inbox/${at?.dataset.view}/${what}?${at?.dataset.query ? at.dataset.query + "&" : ""}`;
};

const waiting = new Set<number>();
const soon = later(250);

/** A ticket changed: its row changes in place; one that is not in the list waits behind the bar. */
export function touched(number: number): void {
  if (!list()) return;
  waiting.add(number);
  soon(() => {
    const numbers = [...waiting];
    waiting.clear();
    void refresh(numbers);
  });
}

async function refresh(numbers: number[]): Promise<void> {
  const answer = await piece(`${address("rows")}numbers=${numbers.join(",")}&open=${openNumber() || ""}`).catch(() => null);
  if (!answer) return;
  const holder = document.createElement("template");
  holder.innerHTML = answer.html;
  for (const row of $$(".row", holder.content)) {
    const there = document.getElementById(row.id);
    if (there) {
      there.classList.remove("gone");
      void htmx.swap({ sourceElement: there, target: there, swap: "outerMorph", text: row.outerHTML } as never);
    } else fresh.add(Number(row.dataset.number));
  }
  for (const number of (answer.response.headers.get("X-Gone") ?? "").split(",").filter(Boolean)) {
    fresh.delete(Number(number));
    const row = document.getElementById(`row-${number}`);
    // What left the view stays, dimmed, until the agent looks elsewhere: rows never move under the pointer.
    if (row && Number(number) !== openNumber()) row.classList.add("gone");
  }
  rove();
  announce();
  recount();
}

const recountSoon = later(800);
export function recount(): void {
  recountSoon(async () => {
    const links = $("#view-links");
    const view = list()?.dataset.view;
    if (!links || !view) return;
    const answer = await piece(`/app/inbox/${view}/counts`).catch(() => null);
    if (!answer) return;
    void htmx.swap({ sourceElement: links, target: links, swap: "innerMorph", text: answer.html } as never);
    badge();
  });
}

export function badge(): void {
  const mine = $("#view-mine .n")?.textContent ?? "";
  document.title = document.title.replace(/^\(\d+\+?\) /, "");
  if (mine) document.title = `(${mine}) ${document.title}`;
}

function announce(): void {
  const bar = $("#fresh-bar");
  const words = bar && $("span", bar);
  if (!bar || !words) return;
  bar.hidden = fresh.size === 0;
  words.textContent = fresh.size === 1 ? t("fresh_one") : t("fresh_many", { n: fresh.size });
}

export async function showFresh(): Promise<void> {
  const holder = $("#rows");
  const view = list();
  if (!holder || !view || fresh.size === 0) return;
  const answer = await piece(`/app/inbox/${view.dataset.view}?${view.dataset.query ?? ""}`).catch(() => null);
  if (!answer) return problem(t("failed"));
  fresh.clear();
  holder.innerHTML = answer.html;
  htmx.process(holder);
  holder.scrollTop = 0;
  select(openNumber());
  announce();
  rows()[0]?.focus();
}

export async function takeNext(): Promise<void> {
  const answer = await fetch("/app/next").then((response) => response.json() as Promise<{ number: number | null }>);
  if (!answer.number) return toast(t("nothing"), { icon: "check" });
  const form = new FormData();
  form.set("assignee", "me");
  const taken = await post(`/app/tickets/${answer.number}/do/assign`, form).catch(() => null);
  if (!taken?.ok) return problem(t("failed"));
  visit(`/app/tickets/${answer.number}?view=mine`);
}

/** Open a ticket beside the list, or as a page where there is no list. */
export function visit(url: string): void {
  if (!$("#ticket") || !url.startsWith("/app/tickets/")) return void (location.href = url);
  void htmx.ajax("GET", url, { target: "#ticket", swap: "outerHTML", push: "true" } as never);
}

/* ---------- several at once ---------- */
export function pick(row: HTMLElement | null): void {
  const number = row?.dataset.number;
  if (!row || !number || !$("#bulk")) return;
  if (!picked.delete(number)) picked.add(number);
  row.classList.toggle("picked", picked.has(number));
  showPicked();
}

export function clearPicks(): void {
  picked.clear();
  for (const row of $$(".row.picked")) row.classList.remove("picked");
  showPicked();
}

function showPicked(): void {
  const bar = $("#bulk");
  const count = $("#bulk-count");
  if (!bar || !count) return;
  bar.hidden = picked.size === 0;
  list()?.classList.toggle("picking", picked.size > 0);
  count.textContent = picked.size === 1 ? t("selected_one") : t("selected_many", { n: picked.size });
}

async function bulk(verb: string, form: FormData): Promise<void> {
  for (const number of picked) form.append("numbers", number);
  const response = await post(`/app/bulk/${verb}`, form).catch(() => null);
  if (!response?.ok) return problem(t("failed"));
  const answer = (await response.json()) as { said: string; refused: string[] };
  toast(answer.said);
  if (answer.refused.length) problem(answer.refused.join(" · "));
  const numbers = [...picked].map(Number);
  clearPicks();
  await refresh(numbers);
}

function startPlace(): void {
  const holder = $("#rows");
  if (!holder) return;
  const kept = Number(sessionStorage.getItem(place()) ?? 0);
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (kept && entry?.type !== "navigate") holder.scrollTop = kept;
  $("#rows > .row.sel")?.scrollIntoView({ block: "nearest" });
  addEventListener("pagehide", () => sessionStorage.setItem(place(), String(holder.scrollTop)));
}

export function startList(): void {
  rove();
  startPlace();
  document.addEventListener("focusin", (event) => {
    const row = (event.target as Element).closest<HTMLElement>("#rows > .row");
    if (row) rove(row);
  });
  $("#rows")?.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -1e6, End: 1e6 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(by);
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>("#rows > .row");
    if (row && (event.metaKey || event.ctrlKey || event.shiftKey || target.closest(".pick")) && $("#bulk")) {
      event.preventDefault();
      event.stopPropagation();
      pick(row);
    } else if (target.closest("#fresh-bar")) void showFresh();
    else if (target.closest("[data-bulk-clear]")) clearPicks();
    else if (target.closest("button[data-bulk]")) void bulk("mark_spam", new FormData());
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.dataset.bulk) return;
    event.preventDefault();
    $("#menu")?.hidePopover();
    void bulk(form.dataset.bulk, new FormData(form));
  });
  badge();
}
