// A draft is kept on the server while it is written. What a closing page sends may arrive after the next page has
// been asked for, so the tab remembers the words too, for as long as that can take.
import { $, later, openNumber, post, t } from "./page.ts";
import { touched } from "./list.ts";

export interface Words {
  text: string;
  html: string;
  note: boolean;
  /** Id of the channel chosen. */
  channel: string;
  choices: string[];
}

/** What the composer lends: its words, and the whole form as the server takes it. */
interface Writer extends HTMLElement {
  /** What the writer has put there himself; empty when there is nothing to keep. */
  readonly own: string;
  words(): Words;
  data(): FormData;
}

/** Milliseconds after which the server has surely got what a closing page sent. */
const REMEMBERED = 10_000;

export class Draft {
  private changed = false;
  private kept = false;
  private soon = later(700);

  constructor(private readonly writer: Writer) {}

  /** Words were written: they leave for the server when the hand rests. */
  touch(busy: () => boolean): void {
    this.changed = true;
    this.soon(() => void (busy() || this.keep()));
  }

  /** The answer left, or was emptied: nothing of it needs keeping. */
  forget(): void {
    this.changed = false;
    sessionStorage.removeItem(this.key);
  }

  /** The page closes or another ticket opens: what is not kept yet goes along. */
  leave(): void {
    if (!this.changed || !this.url) return;
    this.changed = false;
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ at: Date.now(), ...this.writer.words() }));
    } catch {
      // No room in this tab's storage: the server still gets it with the next line.
    }
    void post(this.url, this.writer.data(), true).catch(() => undefined);
  }

  /** The words of a page that closed a moment ago, once. */
  remembered(): Words | null {
    const found = sessionStorage.getItem(this.key);
    sessionStorage.removeItem(this.key);
    const words = found ? (JSON.parse(found) as Words & { at: number }) : null;
    return words && Date.now() - words.at < REMEMBERED ? words : null;
  }

  private get url(): string {
    return this.writer.dataset.draft ?? "";
  }
  private get key(): string {
    return `draft:${this.url}`;
  }

  private async keep(): Promise<void> {
    if (!this.changed || !this.url) return;
    this.changed = false;
    const response = await post(this.url, this.writer.data()).catch(() => null);
    if (!response?.ok) this.changed = true;
    else if (this.kept !== !!this.writer.own) {
      this.kept = !!this.writer.own;
      touched(openNumber());
    }
    const hint = $(".hint", this.writer);
    if (hint) hint.textContent = response?.ok ? (this.writer.own ? t("saved_at", { time: ((await response.json()) as { at: string }).at }) : "") : t("not_saved");
  }
}
