/* After the talk: take it along by mail, read it again, or go on. */
import type { Chat } from "./chat";
import { h, icon, type Icon } from "./dom";
import type { Strings } from "./strings";
import { clock } from "./times";

export class Ended {
  readonly element: HTMLElement;
  private readonly title = h("h3", { tabindex: "-1" });
  private readonly transcript: TranscriptForm;

  constructor(private readonly chat: Chat, private readonly t: Strings) {
    this.transcript = new TranscriptForm(chat, t);
    const option = (name: Icon, words: string, onclick: () => void) =>
      h("button", { type: "button", class: "opt", onclick }, icon(name, 20), h("span", {}, words), icon("right"));
    this.element = h("div", { class: "body" }, this.title, h("p", { class: "lead" }, t.endedWhy),
      h("div", {},
        chat.face.offer_transcript && option("mail", t.transcript, () => this.transcript.toggle()),
        chat.face.offer_transcript && this.transcript.element,
        option("reopen", t.reopen, () => chat.goOn())));
  }

  draw(): void {
    const at = this.chat.facts.ended?.at;
    this.title.textContent = at ? this.t.endedAt(clock(at, this.chat.language)) : this.t.ended;
  }

  focus(): void {
    this.title.focus({ preventScroll: true });
  }

  told(ok: boolean): void {
    this.transcript.told(ok);
  }
}

export class TranscriptForm {
  readonly element: HTMLFormElement;
  private readonly email: HTMLInputElement;
  private readonly answer = h("p", { class: "help", role: "status" });

  constructor(private readonly chat: Chat, private readonly t: Strings) {
    this.email = h("input", { class: "input", type: "email", id: "sportello-transcript", autocomplete: "email", required: true, maxlength: 254, value: chat.store.kept.form.email ?? "" });
    this.element = h("form", { class: "field ask", hidden: true, onsubmit: (e: Event) => this.submit(e) },
      h("label", { for: "sportello-transcript" }, t.transcriptTo), h("div", { class: "with" }, this.email, h("button", { class: "go", type: "submit" }, t.transcriptGo)), this.answer);
  }

  toggle(): void {
    this.element.hidden = !this.element.hidden;
    this.email.value ||= this.chat.store.kept.form.email ?? "";
    if (!this.element.hidden) this.email.focus();
  }

  told(ok: boolean): void {
    this.answer.textContent = ok ? this.t.transcriptSent : this.t.transcriptNot;
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (!this.chat.connection.send({ transcript: { email: this.email.value.trim() } })) this.told(false);
  }
}
