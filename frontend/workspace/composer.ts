// The composer: what kind of answer, on which channel, with which files; kept on the server while it is written.
import { $, $$, later, openNumber, openTicket, post, t } from "./page.ts";
import { typing } from "./live.ts";
import { after } from "./list.ts";
import { Collision, type Colleague } from "./collision.ts";
import { Draft, type Words } from "./draft.ts";
import { Files } from "./files.ts";
import type { Rich } from "./rich.ts";
import { Suggest } from "./suggest.ts";
import { refreshTicket, toBottom } from "./ticket.ts";
import { clearToast, problem, toast } from "./toast.ts";

/** What the server kept of an answer: a draft, or one that was taken back. */
interface Kept {
  text?: string;
  html?: string;
  channel?: number | null;
  cc?: string;
  bcc?: string;
  files?: { key: string; name: string }[];
  why?: string;
}

export class TicketComposer extends HTMLElement {
  form!: HTMLFormElement;
  area!: HTMLTextAreaElement;
  private files!: Files;
  private suggest!: Suggest;
  private rich: Rich | null = null;
  private anyway = false;
  private sending = false;
  private seen = 0;
  private draft = new Draft(this);
  private typed = 0;
  private typeSoon = later(600);
  private idle = later(8000);
  private collision = new Collision(this);
  private listeners = new AbortController();

  connectedCallback(): void {
    const form = $<HTMLFormElement>("form", this);
    const area = $<HTMLTextAreaElement>("textarea", this);
    if (!form || !area) return;
    this.form = form;
    this.area = area;
    this.seen = Number(openTicket()?.dataset.message ?? 0);
    this.files = new Files(this, () => this.changed());
    this.suggest = new Suggest(this);
    const signal = this.listeners.signal;
    this.addEventListener("click", (event) => this.pressed(event), { signal });
    form.addEventListener("submit", (event) => void this.send(event), { signal });
    form.addEventListener("input", () => this.changed(), { signal });
    form.addEventListener("change", () => this.channelChanged(), { signal });
    this.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("sportello:presence", (event) => this.collision.presence((event as CustomEvent<Colleague[]>).detail), { signal });
    addEventListener("pagehide", () => this.draft.leave(), { signal });
    this.channelChanged(false);
    const remembered = this.draft.remembered();
    if (remembered) this.remember(remembered);
    else if (area.dataset.html && !this.note) void this.toggleRich(area.dataset.html, false);
  }

  disconnectedCallback(): void {
    this.draft.leave();
    this.listeners.abort();
    this.rich?.destroy();
    this.collision.stop();
  }

  get note(): boolean {
    return $<HTMLInputElement>("[name=kind]", this)?.value === "note";
  }
  get channel(): HTMLInputElement | null {
    return $<HTMLInputElement>("[name=channel]:checked", this);
  }
  get text(): string {
    return this.rich ? this.rich.text() : this.area.value;
  }

  words(): Words {
    return { text: this.text, html: this.rich && !this.note ? this.rich.html() : "", note: this.note };
  }

  focusIn(kind?: "reply" | "note"): void {
    if (kind) this.turn(kind);
    if (this.rich) this.rich.focus();
    else this.area.focus();
  }

  insert(text: string, from: number): void {
    this.area.setRangeText(text, from, this.area.selectionEnd, "end");
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  write(text: string): void {
    this.area.value = text;
    this.rich?.set(text);
    this.changed();
  }

  /** An answer that was taken back, as it was: words and their shape, channel, copies, files. */
  async restore(kept: Kept): Promise<void> {
    this.turn("reply");
    const way = $<HTMLInputElement>(`[name=channel][value="${kept.channel ?? 0}"]`, this);
    if (way) way.checked = true;
    for (const name of ["cc", "bcc"] as const) {
      const field = $<HTMLInputElement>(`[name=${name}]`, this);
      if (field) field.value = kept[name] ?? "";
    }
    this.files.restore(kept.files ?? []);
    this.channelChanged();
    this.plain();
    this.write(kept.text ?? "");
    if (kept.html) await this.toggleRich(kept.html);
    else this.focusIn();
  }

  /** The words as they were when the page closed; they leave for the server once more. */
  private remember(words: Words): void {
    this.turn(words.note ? "note" : "reply");
    this.write(words.text);
    if (words.html) void this.toggleRich(words.html, false);
  }

  private turn(kind: "reply" | "note"): void {
    const tab = $(`.tab[data-kind="${kind}"]`, this);
    const input = $<HTMLInputElement>("[name=kind]", this);
    if (!tab || !input || input.value === kind) return;
    input.value = kind;
    for (const other of $$(".tab", this)) other.setAttribute("aria-selected", String(other === tab));
    this.classList.toggle("as-note", kind === "note");
    if (kind === "note") this.plain();
    this.channelChanged();
  }

  private pressed(event: Event): void {
    const target = event.target as Element;
    const tab = target.closest<HTMLElement>(".tab");
    if (tab?.dataset.kind) this.focusIn(tab.dataset.kind as "reply" | "note");
    if (target.closest("[data-copies]")) {
      const copies = $(".copies", this);
      if (copies && !(copies.hidden = !copies.hidden)) $<HTMLInputElement>("input", copies)?.focus();
    }
    if (target.closest("[data-replies-open]")) this.suggest.open();
    if (target.closest("[data-rich]")) void this.toggleRich();
    if (target.closest("[data-take]")) void this.collision.take();
    if (target.matches(".box")) this.focusIn();
  }

  private key(event: KeyboardEvent): void {
    if (this.suggest.key(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit($<HTMLButtonElement>(this.note ? ".note-only" : ".split [type=submit]", this));
    } else if (event.key === "Escape") (document.activeElement as HTMLElement | null)?.blur();
  }

  private channelChanged(keep = true): void {
    const way = this.channel;
    this.classList.toggle("takes-html", way?.dataset.html !== undefined);
    if (this.rich && way?.dataset.html === undefined) this.plain();
    const copies = $("[data-copies]", this);
    if (copies) copies.hidden = way?.dataset.copies === undefined;
    const fields = $(".copies", this);
    if (fields) fields.hidden = way?.dataset.copies === undefined || ![...$$<HTMLInputElement>("input", fields)].some((input) => input.value);
    const sentence = $(".sentence", this);
    if (sentence) sentence.textContent = this.note ? "" : (way?.dataset.sentence ?? "");
    this.count();
    if (keep) this.changed();
  }

  private count(): void {
    const place = $(".count", this);
    const most = Number(this.channel?.dataset.max ?? 0);
    if (!place) return;
    const left = most - this.text.length;
    place.classList.toggle("over", !this.note && most > 0 && left < 0);
    place.textContent = this.note || !most || left > most * 0.2 ? "" : left < 0 ? t("too_long", { n: -left }) : t("left", { n: left });
  }

  private changed(): void {
    this.count();
    this.suggest.look();
    this.draft.touch(() => this.sending);
    if (!this.text) return typing("", null, true);
    const tell = (): void => {
      this.typed = Date.now();
      typing(this.note ? "" : this.text, this.note ? null : Number(this.channel?.value ?? 0) || null);
    };
    if (Date.now() - this.typed > 2000) tell();
    else this.typeSoon(tell);
    this.idle(() => typing("", null, true));
  }

  data(): FormData {
    const form = new FormData(this.form);
    form.set("text", this.text);
    if (this.rich && !this.note) form.set("html", this.rich.html());
    for (const key of this.files.keys()) form.append("files", key);
    form.set("seen", String(this.seen));
    return form;
  }

  private async send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.sending || this.files.busy() || (!this.text.trim() && !this.files.keys().length)) return;
    const number = openNumber();
    const form = this.data();
    const then = (event.submitter as HTMLButtonElement | null)?.value ?? "";
    form.set("then", then);
    if (this.anyway) form.delete("seen");
    $<HTMLElement>("#endings", this)?.hidePopover();
    this.sending = true;
    const response = await post(this.form.action, form).catch(() => null);
    this.sending = false;
    if (!response) return problem(t("failed"));
    const answer = (await response.json().catch(() => ({}))) as { why?: string; seen?: number; undo?: number; message?: number; what?: string };
    if (response.status === 409) return this.crossed(answer.why ?? "");
    if (!response.ok) return problem(answer.why ?? t(response.status === 403 ? "forbidden" : "failed"));
    this.sent(number, answer, then);
  }

  private sent(number: number, answer: { undo?: number; message?: number; what?: string }, then: string): void {
    this.clear();
    if (answer.undo && answer.message) {
      toast(t("leaves_in", { what: answer.what ?? "", n: answer.undo }), { icon: "send", seconds: answer.undo, count: (n) => t("leaves_in", { what: answer.what ?? "", n }), action: () => void this.undo(number, answer.message ?? 0) });
    } else if (!this.note) toast(t("left_now"), { icon: "send" });
    void refreshTicket().then(toBottom);
    if (then === "solved" && !answer.undo) after(number)?.focus();
  }

  private async undo(number: number, message: number): Promise<void> {
    clearToast();
    const response = await post(`/app/tickets/${number}/undo/${message}`, new FormData()).catch(() => null);
    const answer = (await response?.json().catch(() => null)) as Kept | null;
    if (!response?.ok) return problem(answer?.why ?? t("failed"));
    if (number === openNumber()) {
      const composer = $<TicketComposer>("#composer");
      await composer?.restore(answer ?? {});
      await refreshTicket();
    }
  }

  private clear(): void {
    this.draft.forget();
    this.anyway = false;
    typing("", null, true);
    this.idle(() => undefined);
    this.typeSoon(() => undefined);
    this.seen = Number($("#thead")?.dataset.message ?? this.seen);
    this.plain();
    this.area.value = "";
    this.files.clear();
    this.suggest.close();
    this.label(false);
    for (const input of $$<HTMLInputElement>(".copies input", this)) input.value = "";
    const bar = $(".problem", this);
    if (bar) bar.hidden = true;
    this.count();
  }

  /** Two answers were about to cross: nothing was sent, the button asks once. */
  private crossed(why: string): void {
    this.label(true);
    this.anyway = true;
    problem(why);
    void refreshTicket();
  }

  private label(anyway: boolean): void {
    const button = $<HTMLButtonElement>(".split [type=submit]", this);
    if (!button) return;
    button.dataset.label ??= button.textContent;
    button.textContent = anyway ? t("send_anyway") : button.dataset.label;
    for (const part of $$(".split .btn", this)) part.classList.toggle("primary", !anyway);
  }

  private async toggleRich(html = "", focus = true): Promise<void> {
    if (this.rich) return this.plain();
    const { Rich: Editor } = await import("./rich.ts");
    const box = $(".box", this);
    if (!box || this.rich) return;
    this.rich = new Editor(box, this.area, () => this.changed());
    if (html) this.rich.setHtml(html);
    this.area.hidden = true;
    $("[data-rich]", this)?.setAttribute("aria-pressed", "true");
    if (focus) this.rich.focus();
  }

  private plain(): void {
    if (!this.rich) return;
    this.area.value = this.rich.text();
    this.rich.destroy();
    this.rich = null;
    this.area.hidden = false;
    $("[data-rich]", this)?.setAttribute("aria-pressed", "false");
  }
}

export const composer = (): TicketComposer | null => $<TicketComposer>("#composer");
export const startComposer = (): void => customElements.define("ticket-composer", TicketComposer);
