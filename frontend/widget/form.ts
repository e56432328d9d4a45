/* Before the talk: the question first; outside opening hours the same form leaves a message. */
import type { Chat } from "./chat";
import { h, icon } from "./dom";
import type { Strings } from "./strings";
import type { Ask } from "./types";

interface Field {
  wrap: HTMLElement;
  input: HTMLInputElement | HTMLTextAreaElement;
  check: () => string;
}

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

export class StartForm {
  readonly element: HTMLElement;
  private readonly fields: Field[] = [];
  private readonly question: HTMLTextAreaElement;
  private readonly name: HTMLInputElement;
  private readonly email: HTMLInputElement;
  private readonly shut: boolean;

  constructor(private readonly chat: Chat, private readonly t: Strings) {
    const { face } = chat;
    this.shut = !chat.hours.open;
    const kept = chat.store.kept.form;
    this.question = h("textarea", { class: "input", rows: 3, maxlength: 8000, name: "question" });
    this.name = h("input", { class: "input", name: "name", autocomplete: "name", maxlength: 200, value: kept.name ?? "" });
    this.email = h("input", { class: "input", name: "email", type: "email", autocomplete: "email", inputmode: "email", maxlength: 254, value: kept.email ?? "", placeholder: "nome@posta.example" });
    const asksQuestion = this.shut || face.ask_question;
    const askEmail: Ask = this.shut ? "required" : face.ask_email;
    if (asksQuestion) this.field(this.question, t.question, "required", (v) => (v ? "" : t.needQuestion));
    if (face.ask_name !== "no") this.field(this.name, t.name, face.ask_name, (v) => (v || face.ask_name !== "required" ? "" : t.needName));
    if (askEmail !== "no") this.field(this.email, t.email, askEmail, (v) => (ADDRESS.test(v) || (!v && askEmail !== "required") ? "" : t.needEmail), this.shut ? "" : t.emailWhy);
    this.element = h("form", { class: "body", novalidate: true, onsubmit: (e: Event) => this.submit(e) },
      h("h3", {}, this.shut ? t.leaveMessage : face.greeting || t.howHelp),
      this.shut && h("p", { class: "lead" }, t.leaveMessageWhy),
      ...this.fields.map((field) => field.wrap),
      h("button", { class: "go", type: "submit" }, this.shut ? t.sendMessage : t.startChat),
      face.privacy && h("p", { class: "small" }, h("a", { href: face.privacy, target: "_blank", rel: "noopener" }, t.privacy)));
  }

  /** Whether the hours changed since the form was made: then another one is due. */
  get stale(): boolean {
    return this.shut === this.chat.hours.open;
  }

  focus(): void {
    this.fields[0]?.input.focus({ preventScroll: true });
  }

  private field(input: Field["input"], label: string, ask: Ask, check: (value: string) => string, help = ""): void {
    const id = `sportello-${input.name}`;
    const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
    const hint = help && h("p", { class: "help", id: `${id}-help` }, help);
    input.id = id;
    if (ask === "required") input.setAttribute("aria-required", "true");
    if (help) input.setAttribute("aria-describedby", `${id}-help`);
    const field: Field = {
      input,
      wrap: h("div", { class: "field" }, h("label", { for: id }, label, ask === "optional" && h("span", {}, ` ${this.t.optional}`)), input, hint, error),
      check: () => {
        const problem = check(input.value.trim());
        error.replaceChildren(...(problem ? [icon("alert", 14), problem] : []));
        error.hidden = !problem;
        input.setAttribute("aria-invalid", String(!!problem));
        if (problem) input.setAttribute("aria-errormessage", error.id);
        return problem;
      },
    };
    input.addEventListener("blur", () => input.value && field.check());
    input.addEventListener("input", () => input.getAttribute("aria-invalid") === "true" && field.check());
    this.fields.push(field);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const wrong = this.fields.filter((field) => field.check());
    if (wrong.length) return wrong[0]!.input.focus();
    const form = { name: this.name.value.trim(), email: this.email.value.trim() };
    const question = this.question.value.trim();
    if (question) this.chat.say(question, [], form);
    else {
      this.chat.store.keep({ form });
      this.chat.goOn();
    }
  }
}
