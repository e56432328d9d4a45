// The composer: what kind of answer, on which channel, with which files; kept on the server while it is written.
import { $, $$, later, openNumber, openTicket, t } from "./page.ts";
import { typing } from "./live.ts";
import { Approved } from "./approved.ts";
import { Bridge, relead } from "./bridge.ts";
import { Choices } from "./choices.ts";
import { Collision, type Colleague } from "./collision.ts";
import { Counter } from "./counter.ts";
import { Draft, type Words } from "./draft.ts";
import { Files } from "./files.ts";
import { type Kept, Sending } from "./sending.ts";
import { Shape } from "./shape.ts";
import { Suggest } from "./suggest.ts";
import { Ways } from "./ways.ts";

export class TicketComposer extends HTMLElement {
  form!: HTMLFormElement;
  area!: HTMLTextAreaElement;
  private files!: Files;
  private suggest!: Suggest;
  private approved!: Approved;
  private choices!: Choices;
  private bridge = new Bridge(this);
  private counter = new Counter(this);
  private sending = new Sending(this);
  private shape = new Shape(this, () => this.changed());
  readonly ways = new Ways(this, () => this.channelChanged());
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
    this.approved = new Approved(this, () => this.changed());
    this.choices = new Choices(this, () => this.changed());
    const signal = this.listeners.signal;
    this.addEventListener("click", (event) => this.pressed(event), { signal });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.choices.settle();
      void this.sending.send(event.submitter);
    }, { signal });
    form.addEventListener("input", () => this.changed(), { signal });
    form.addEventListener("change", (event) => (event.target as Element).matches("[name=channel]") && this.channelChanged(), { signal });
    document.addEventListener("click", (event) => this.pressedElsewhere(event.target as Element), { signal });
    this.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("sportello:presence", (event) => this.collision.presence((event as CustomEvent<Colleague[]>).detail), { signal });
    addEventListener("pagehide", () => this.draft.leave(), { signal });
    const remembered = this.draft.remembered();
    if (remembered) this.remember(remembered);
    else if (area.dataset.html && !this.note) void this.shape.toggle(area.dataset.html, false);
    this.channelChanged(false);
    this.ways.start();
  }

  disconnectedCallback(): void {
    this.draft.leave();
    this.listeners.abort();
    this.shape.rich?.destroy();
    this.collision.stop();
    this.ways.stop();
  }

  get note(): boolean {
    return $<HTMLInputElement>("[name=kind]", this)?.value === "note";
  }
  get channel(): HTMLInputElement | null {
    return this.ways.chosen;
  }
  /** What the writer has put there himself: without the line that leads over to this channel. */
  get own(): string {
    return this.bridge.bare(this.text).trim();
  }
  get hindrance(): string | null {
    if (this.approved.on) return this.approved.missing();
    if (this.files.busy() || (!this.own && !this.files.keys().length)) return null;
    return this.note ? "" : this.files.misfit(this.channel);
  }
  get text(): string {
    return this.shape.rich ? this.shape.rich.text() : this.area.value;
  }

  words(): Words {
    return { text: this.text, html: this.shape.rich && !this.note ? this.shape.rich.html() : "", note: this.note, channel: this.channel?.value ?? "", choices: this.choices.titles };
  }

  focusIn(kind?: "reply" | "note"): void {
    if (kind) this.turn(kind);
    if (this.shape.rich) this.shape.rich.focus();
    else this.area.focus();
  }

  insert(text: string, from: number): void {
    this.area.setRangeText(text, from, this.area.selectionEnd, "end");
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  write(text: string): void {
    this.area.value = text;
    this.shape.rich?.set(text);
    this.changed();
  }

  /** Another first line; where the writer stands does not move. */
  lead(was: string, now: string): void {
    if (this.shape.rich) return this.shape.rich.lead(was, now);
    const { value, selectionEnd } = this.area;
    this.area.value = relead(value, was, now);
    const place = Math.max(0, selectionEnd + this.area.value.length - value.length);
    this.area.setSelectionRange(place, place);
  }

  /** An answer that was taken back, as it was: words and their shape, channel, copies, files. */
  async restore(kept: Kept): Promise<void> {
    this.turn("reply");
    const way = this.ways.byId(kept.channel ?? 0);
    if (way && !way.disabled) way.checked = true;
    for (const name of ["cc", "bcc"] as const) {
      const field = $<HTMLInputElement>(`[name=${name}]`, this);
      if (field) field.value = kept[name] ?? "";
    }
    const repeats = $<HTMLInputElement>("[name=instead_of]", this);
    if (repeats) repeats.value = String(kept.instead_of ?? "");
    this.files.restore(kept.files ?? []);
    this.choices.restore(kept.choices ?? []);
    this.approved.clear();
    this.shape.plain();
    this.bridge.forget();
    this.write(kept.text ?? "");
    if (kept.html && way?.dataset.html !== undefined) await this.shape.toggle(kept.html);
    this.channelChanged();
    this.focusIn();
  }

  /** The words as they were when the page closed; they leave for the server once more. */
  private remember(words: Words): void {
    this.turn(words.note ? "note" : "reply");
    const way = this.ways.byId(words.channel);
    if (way && !way.disabled) way.checked = true;
    this.choices.restore(words.choices);
    this.write(words.text);
    if (words.html) void this.shape.toggle(words.html, false);
  }

  private turn(kind: "reply" | "note"): void {
    const tab = $(`.tab[data-kind="${kind}"]`, this);
    const input = $<HTMLInputElement>("[name=kind]", this);
    if (!tab || !input || input.value === kind) return;
    input.value = kind;
    for (const other of $$(".tab", this)) other.setAttribute("aria-selected", String(other === tab));
    this.classList.toggle("as-note", kind === "note");
    if (kind === "note") this.shape.plain();
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
    if (target.closest("[data-rich]")) void this.shape.toggle();
    if (target.closest("[data-choices]")) this.choices.toggle();
    if (target.closest("[data-bridge-off]")) this.dropBridge();
    if (target.closest("[data-plain]")) this.write(this.counter.plain(this.text));
    if (target.closest("[data-take]")) void this.collision.take();
    if (target.matches(".box")) this.focusIn();
  }

  private dropBridge(): void {
    this.bridge.off();
    this.changed();
    this.focusIn();
  }

  /** The list of all ways, and the way out below an answer that did not arrive. */
  private pressedElsewhere(target: Element): void {
    const way = target.closest<HTMLElement>("[data-way]");
    if (way && way.ariaDisabled !== "true") {
      $("#menu")?.hidePopover();
      this.ways.choose(this.ways.byId(way.dataset.way ?? ""));
      this.focusIn("reply");
    }
    const failed = target.closest<HTMLElement>("[data-elsewhere]");
    if (failed?.dataset.elsewhere) void this.sending.fetch(openNumber(), failed.dataset.elsewhere);
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
    if (this.shape.rich && way?.dataset.html === undefined) this.shape.plain();
    const copies = $("[data-copies]", this);
    if (copies) copies.hidden = way?.dataset.copies === undefined;
    const fields = $(".copies", this);
    if (fields) fields.hidden = way?.dataset.copies === undefined || ![...$$<HTMLInputElement>("input", fields)].some((input) => input.value);
    const sentence = $(".sentence", this);
    if (sentence) sentence.textContent = this.note ? "" : (way?.dataset.sentence ?? "");
    this.approved.turn(way, this.note);
    this.bridge.turn(way, this.note);
    this.count();
    if (keep) this.changed();
  }

  private count(): void {
    const way = this.note || this.approved.on ? null : this.channel;
    const listed = way && Number(way.dataset.buttons ?? 0) < this.choices.titles.length ? this.choices.titles : [];
    const numbered = [this.text, ...listed.map((title, at) => `${at + 1}. ${title}`)].join("\n");
    this.counter.show(numbered, way);
    this.choices.turn(this.channel);
    const bar = $(".misfit", this);
    const words = bar && $("span", bar);
    if (!bar || !words) return;
    words.textContent = way ? this.files.misfit(way) : "";
    bar.hidden = !words.textContent;
  }

  private changed(): void {
    this.count();
    this.suggest.look();
    this.draft.touch(() => this.sending.busy);
    if (!this.own) return typing("", null, true);
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
    form.set("text", this.own && !this.approved.on ? this.text : "");
    if (this.shape.rich && !this.note && this.own && !this.approved.on) form.set("html", this.shape.rich.html());
    for (const key of this.files.keys()) form.append("files", key);
    form.set("seen", String(this.seen));
    return form;
  }

  /** The answer left: everything begins anew. */
  clear(): void {
    this.draft.forget();
    this.bridge.forget();
    typing("", null, true);
    this.idle(() => undefined);
    this.typeSoon(() => undefined);
    this.seen = Number($("#thead")?.dataset.message ?? this.seen);
    this.shape.plain();
    this.area.value = "";
    this.files.clear();
    this.choices.restore([]);
    this.approved.clear();
    this.suggest.close();
    this.told();
    for (const input of $$<HTMLInputElement>(".copies input, [name=instead_of]", this)) input.value = "";
    const bar = $(".problem", this);
    if (bar) bar.hidden = true;
    this.count();
  }

  /** The customer has been told once that we go on here: no second line until he writes elsewhere again. */
  private told(): void {
    const way = this.channel;
    if (!this.note && way) delete way.dataset.bridge;
  }
}

export const composer = (): TicketComposer | null => $<TicketComposer>("#composer");
export const startComposer = (): void => customElements.define("ticket-composer", TicketComposer);
