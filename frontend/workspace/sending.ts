// An answer leaves: it may cross a colleague's, be taken back while it is held, or be refused with a reason.
import { $, $$, openNumber, post, t } from "./page.ts";
import { after } from "./list.ts";
import type { Stored } from "./files.ts";
import { refreshTicket, toBottom } from "./ticket.ts";
import { clearToast, problem, toast } from "./toast.ts";

/** What the server kept of an answer: a draft, one that was taken back, or one that did not arrive. */
export interface Kept {
  text?: string;
  html?: string;
  channel?: number | null;
  cc?: string;
  bcc?: string;
  files?: Stored[];
  choices?: string[];
  template?: object | null;
  instead_of?: number | null;
  why?: string;
}

interface Answer {
  why?: string;
  seen?: number;
  undo?: number;
  message?: number;
  what?: string;
}

/** What the composer lends. */
interface Writer extends HTMLElement {
  readonly form: HTMLFormElement;
  readonly note: boolean;
  /** Why it may not leave yet; null when there is nothing to send. */
  readonly hindrance: string | null;
  data(): FormData;
  clear(): void;
  restore(kept: Kept): Promise<void>;
}

export class Sending {
  busy = false;
  private anyway = false;

  constructor(private readonly writer: Writer) {}

  async send(submitter: HTMLElement | null): Promise<void> {
    const { hindrance } = this.writer;
    if (this.busy || hindrance === null) return;
    if (hindrance) return problem(hindrance);
    const number = openNumber();
    const form = this.writer.data();
    const then = (submitter as HTMLButtonElement | null)?.value ?? "";
    form.set("then", then);
    if (this.anyway) form.delete("seen");
    $<HTMLElement>("#endings", this.writer)?.hidePopover();
    this.busy = true;
    const response = await post(this.writer.form.action, form).catch(() => null);
    this.busy = false;
    if (!response) return problem(t("failed"));
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (response.status === 409) return this.crossed(answer.why ?? "");
    if (!response.ok) return problem(answer.why ?? t(response.status === 403 ? "forbidden" : "failed"));
    this.sent(number, answer, then);
  }

  private sent(number: number, answer: Answer, then: string): void {
    const { note } = this.writer;
    this.label(false);
    this.writer.clear();
    if (answer.undo && answer.message) {
      toast(t("leaves_in", { what: answer.what ?? "", n: answer.undo }), { icon: "send", seconds: answer.undo, count: (n) => t("leaves_in", { what: answer.what ?? "", n }), action: () => void this.fetch(number, `/app/tickets/${number}/undo/${answer.message}`) });
    } else if (!note) toast(t("left_now"), { icon: "send" });
    void refreshTicket().then(toBottom);
    if (then === "solved" && !answer.undo) after(number)?.focus();
  }

  /** Words that come back from the server: an answer taken back, or one that did not arrive. */
  async fetch(number: number, url: string): Promise<void> {
    clearToast();
    const response = await post(url, new FormData()).catch(() => null);
    const answer = (await response?.json().catch(() => null)) as Kept | null;
    if (!response?.ok) return problem(answer?.why ?? t("failed"));
    if (number !== openNumber()) return;
    await ($("#composer") as Writer | null)?.restore(answer ?? {});
    await refreshTicket();
  }

  /** Two answers were about to cross: nothing was sent, the button asks once. */
  private crossed(why: string): void {
    this.label(true);
    problem(why);
    void refreshTicket();
  }

  private label(anyway: boolean): void {
    this.anyway = anyway;
    const button = $<HTMLButtonElement>(".split [type=submit]", this.writer);
    if (!button) return;
    button.dataset.label ??= button.textContent;
    button.textContent = anyway ? t("send_anyway") : button.dataset.label;
    for (const part of $$(".split .btn", this.writer)) part.classList.toggle("primary", !anyway);
  }
}
