// The open ticket: where the reader stands, what arrives, mail frames, renaming.
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, $$, app, el, later, openNumber, openTicket, piece, post, t } from "./page.ts";
import { recount, select } from "./list.ts";
import { problem } from "./toast.ts";

const flow = (): HTMLElement | null => $("#flow");
const atBottom = (): boolean => {
  const scroller = flow();
  return !!scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
};

export function toBottom(): void {
  const scroller = flow();
  if (scroller) scroller.scrollTop = scroller.scrollHeight;
  const follow = $("#follow-new");
  if (follow) follow.hidden = true;
  unseen = 0;
}

let unseen = 0;
let updating = false;
let again = false;

/** Something happened to the open ticket: fetch what changed, keep the reader's place. */
export async function refreshTicket(): Promise<void> {
  const ticket = openTicket();
  if (!ticket) return;
  if (updating) return void (again = true);
  updating = true;
  const before = new Set($$("#tail .msg").map((message) => message.id));
  const follows = atBottom();
  const view = app().dataset.view ?? "";
  try {
    const since = $("#tail")?.dataset.since ?? "";
    const { html } = await piece(`/app/tickets/${ticket.dataset.number}/live?since=${since}&view=${view}`);
    if (ticket === openTicket()) await htmx.swap({ sourceElement: ticket, target: ticket, swap: "none", text: html } as never);
  } catch {
    // The connection bar tells; the next event or reconnect tries again.
  } finally {
    updating = false;
  }
  arrived(before, follows);
  if (again) {
    again = false;
    void refreshTicket();
  }
}

function arrived(before: Set<string>, follows: boolean): void {
  const fresh = $$("#tail .msg").filter((message) => !before.has(message.id));
  for (const message of fresh) message.classList.add("fresh-in");
  const typing = $("#visitor-typing");
  if (typing && fresh.some((message) => message.matches(".in"))) typing.hidden = true;
  if (follows) toBottom();
  else if (fresh.length) {
    unseen += fresh.length;
    const follow = $("#follow-new");
    const words = follow && $("span", follow);
    if (follow && words) {
      words.textContent = unseen === 1 ? t("new_message") : t("new_messages", { n: unseen });
      follow.hidden = false;
    }
  }
  if (fresh.length && document.visibilityState === "visible") markRead();
}

const readSoon = later(900);
export function markRead(): void {
  const number = openNumber();
  readSoon(() => {
    if (number && number === openNumber() && document.visibilityState === "visible") {
      void post(`/app/tickets/${number}/read`, new FormData()).then(recount, () => undefined);
    }
  });
}

/** A ticket was opened (or is there from the start). */
export function opened(): void {
  const ticket = openTicket();
  if (!ticket) return;
  app().dataset.open = "ticket";
  delete app().dataset.side;
  select(openNumber());
  toBottom();
  markRead();
  for (const picture of $$<HTMLImageElement>("#tail img")) picture.addEventListener("load", () => atBottom() && toBottom(), { once: true });
  document.dispatchEvent(new CustomEvent("sportello:opened"));
}

function frame(details: HTMLDetailsElement): void {
  if (!details.open || $("iframe", details) || !details.dataset.frame) return;
  const shown = document.createElement("iframe");
  shown.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  shown.referrerPolicy = "no-referrer";
  shown.title = details.textContent.trim();
  shown.src = details.dataset.frame;
  details.append(shown);
  if (details.dataset.images) {
    const show = el("button", "btn", details.dataset.images);
    show.addEventListener("click", () => {
      shown.src = `${details.dataset.frame}?images=1`;
      show.remove();
    });
    shown.before(show);
  }
}

async function load(details: HTMLDetailsElement): Promise<void> {
  const url = details.dataset.load;
  if (!details.open || !url) return;
  const { html } = await piece(url).catch(() => ({ html: "" }));
  const holder = details.lastElementChild;
  if (holder) holder.innerHTML = html;
}

function rename(title: HTMLElement): void {
  const url = title.dataset.rename;
  if (!url || title.isContentEditable) return;
  const was = title.textContent;
  title.contentEditable = "plaintext-only";
  title.focus();
  getSelection()?.selectAllChildren(title);
  const done = (keep: boolean): void => {
    title.contentEditable = "false";
    title.removeAttribute("contenteditable");
    const subject = title.textContent.trim();
    if (!keep || !subject || subject === was.trim()) return void (title.textContent = was);
    const form = new FormData();
    form.set("subject", subject);
    void post(url, form).then((response) => (response.ok ? refreshTicket() : problem(t("failed"))), () => problem(t("failed")));
  };
  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") title.textContent = was;
      title.blur();
    }
  });
  title.addEventListener("blur", () => done(true), { once: true });
}

export function startTicket(): void {
  document.addEventListener("toggle", (event) => {
    const details = event.target as HTMLElement;
    if (!(details instanceof HTMLDetailsElement)) return;
    if (details.dataset.frame) frame(details);
    if (details.dataset.load) void load(details);
  }, true);
  document.addEventListener("dblclick", (event) => {
    const title = (event.target as Element).closest<HTMLElement>("[data-rename]");
    if (title) rename(title);
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("#follow-new")) toBottom();
    const copy = target.closest<HTMLElement>("[data-copy-text]");
    if (copy?.dataset.copyText) void navigator.clipboard.writeText($(`#${copy.dataset.copyText} .text`)?.textContent ?? "");
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && markRead());
  // Older messages come in above: the reader's place must not move.
  let height = 0;
  document.addEventListener("htmx:before:swap", (event) => {
    const source = (event.target as Element | null)?.closest?.("#older");
    height = source ? (flow()?.scrollHeight ?? 0) - (flow()?.scrollTop ?? 0) : 0;
  });
  document.addEventListener("htmx:after:swap", () => {
    const scroller = flow();
    if (height && scroller) scroller.scrollTop = scroller.scrollHeight - height;
    height = 0;
  });
  opened();
}
