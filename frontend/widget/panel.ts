/* The window of the chat: header, menu, bars, and one of three screens. */
import type { Chat, Screen } from "./chat";
import { Composer } from "./composer";
import { h, icon, iconButton } from "./dom";
import { Ended, TranscriptForm } from "./ended";
import { StartForm } from "./form";
import { Log } from "./log";
import { Menu } from "./menu";
import type { Strings } from "./strings";
import { masked, opening } from "./times";

export class Panel {
  readonly element: HTMLElement;
  private readonly avatar = h("span", { class: "av", "aria-hidden": "true", hidden: true });
  private readonly title = h("h2", { id: "sportello-title" });
  private readonly subtitle = h("p");
  private readonly bar = h("p", { class: "bar", role: "status", hidden: true });
  private readonly queue: HTMLElement;
  private readonly place = h("span", { class: "pos", "aria-hidden": "true" });
  private readonly placeWords = h("p", { class: "strong" });
  private readonly placeWhy = h("p");
  private readonly main = h("div", { class: "main" });
  private readonly foot: HTMLElement;
  private readonly log: Log;
  private readonly composer: Composer;
  private readonly ended: Ended;
  private readonly transcript: TranscriptForm;
  private readonly menu: Menu;
  private form: StartForm;
  private screen: Screen | null = null;
  private offlineTimer = 0;

  constructor(private readonly chat: Chat, private readonly t: Strings, close: () => void) {
    this.log = new Log(chat, t);
    this.composer = new Composer(chat, t);
    this.ended = new Ended(chat, t);
    this.transcript = new TranscriptForm(chat, t);
    this.form = new StartForm(chat, t);
    this.menu = new Menu(chat, t, () => this.transcript.toggle());
    this.queue = h("div", { class: "queue", role: "status", hidden: true }, this.place, this.placeWords, this.placeWhy);
    this.foot = h("div", { class: "elsewhere" });
    this.element = h("section", { class: "w", role: "dialog", "aria-labelledby": "sportello-title", hidden: true },
      h("header", {}, this.avatar, h("div", { class: "grow" }, this.title, this.subtitle), this.menu.element, iconButton("down", t.minimise, close)),
      this.bar, this.queue, this.main);
  }

  draw(): void {
    this.drawHeader();
    this.drawBars();
    const { screen } = this.chat;
    if (screen !== this.screen || (screen === "form" && this.form.stale)) this.change(screen);
    if (screen === "talk") {
      this.log.draw();
      this.composer.draw();
      this.drawFoot();
    } else if (screen === "ended") this.ended.draw();
    this.menu.draw();
  }

  opened(): void {
    this.log.toEnd();
    this.focus();
  }

  /** Escape closes the innermost thing first; whether there was one. */
  escape(): boolean {
    return this.menu.escape() || this.composer.escape();
  }

  told(ok: boolean): void {
    this.transcript.told(ok);
    this.ended.told(ok);
  }

  private change(screen: Screen): void {
    const inside = this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement);
    if (screen === "form") this.form = new StartForm(this.chat, this.t);
    this.screen = screen;
    this.main.replaceChildren(
      ...(screen === "form" ? [this.form.element] : screen === "ended" ? [this.ended.element] : [this.log.element, this.transcript.element, this.composer.element, this.foot]));
    if (screen === "talk") this.log.toEnd();
    if (inside) queueMicrotask(() => this.focus());
  }

  private focus(): void {
    if (this.screen === "form") this.form.focus();
    else if (this.screen === "ended") this.ended.focus();
    else this.composer.focus();
  }

  private drawHeader(): void {
    const { facts, face, hours, language } = this.chat;
    const { agent, queue, ended } = facts;
    const with_ = agent && !ended && this.chat.screen === "talk" ? agent : null;
    this.avatar.hidden = !with_;
    this.avatar.textContent = with_?.initials ?? "";
    this.title.textContent = with_ ? `${with_.name}, ${face.brand}` : face.brand;
    this.subtitle.textContent = with_ ? `${with_.name} ${this.t.answersHere}` : queue && hours.open ? this.t.personIn(queue.minutes) : opening(hours, language, this.t);
  }

  private drawBars(): void {
    const { online, facts, hours, welcomed } = this.chat;
    clearTimeout(this.offlineTimer);
    const show = (): void => {
      this.bar.hidden = this.chat.online || !this.chat.visible;
      this.bar.replaceChildren(icon("alert", 14), navigator.onLine || !welcomed ? this.t.connecting : this.t.offline);
    };
    if (online || !navigator.onLine) show();
    else this.offlineTimer = window.setTimeout(show, 1_500);
    const { queue } = facts;
    this.queue.hidden = !queue || !hours.open || this.chat.screen !== "talk";
    if (!queue) return;
    const { position, minutes } = queue;
    const mail = this.chat.store.kept.form.email;
    this.place.textContent = String(position);
    this.words(this.placeWords, position === 1 ? this.t.firstInQueue(minutes) : this.t.inQueue(position, minutes));
    this.words(this.placeWhy, mail ? this.t.mayCloseMail(masked(mail)) : this.t.mayClose);
  }

  private drawFoot(): void {
    const { facts, face } = this.chat;
    const key = facts.queue ? "queue" : face.mail;
    if (this.foot.dataset.key === key) return;
    this.foot.dataset.key = key;
    const leave = h("button", { type: "button", class: "plain", onclick: () => this.chat.end() }, this.t.leaveQueue);
    const mail = face.mail && [this.t.continueBy, h("a", { href: `mailto:${face.mail}` }, icon("mail", 14), this.t.mail)];
    this.foot.replaceChildren(...(facts.queue ? [leave] : mail || []));
    this.foot.hidden = !this.foot.childNodes.length;
  }

  /** A live region speaks at each change: touch it only when the words differ. */
  private words(element: HTMLElement, words: string): void {
    if (element.textContent !== words) element.textContent = words;
  }
}
