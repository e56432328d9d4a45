// The first line of an answer that goes on by another channel. It stands among the words: one edits it or takes it out.
import { $ } from "./page.ts";

/** What the composer lends: its words, and their beginning to change. */
interface Writer extends HTMLElement {
  readonly text: string;
  lead(was: string, now: string): void;
}

const GAP = "\n\n";

export class Bridge {
  private line = "";
  private unwanted = false;

  constructor(private readonly writer: Writer) {}

  /** Another way was chosen: its line takes the place of the earlier one, unless the writer has changed that. */
  turn(way: HTMLInputElement | null, note: boolean): void {
    const wanted = note || this.unwanted || way?.dataset.template !== undefined ? "" : (way?.dataset.bridge ?? "");
    if (wanted && this.writer.text.startsWith(wanted)) this.line = wanted; // a draft had it already
    const stands = !!this.line && this.writer.text.startsWith(this.line);
    const edited = !!this.line && !stands && !!this.writer.text.trim();
    if (wanted !== this.line && !edited) {
      this.writer.lead(stands ? this.line : "", wanted);
      this.line = wanted;
    }
    this.show(way?.dataset.why ?? "");
  }

  /** The words without the line: what the writer has added himself. */
  bare(text: string): string {
    return this.line && text.startsWith(this.line) ? text.slice(this.line.length).replace(/^\s+/, "") : text;
  }

  off(): void {
    this.unwanted = true;
    if (this.writer.text.startsWith(this.line)) this.writer.lead(this.line, "");
    this.line = "";
    this.show("");
  }

  /** The answer left: the next one begins anew, and the customer has been told. */
  forget(): void {
    this.line = "";
    this.show("");
  }

  private show(why: string): void {
    const bar = $(".bridge-bar", this.writer);
    const words = bar && $("span", bar);
    if (!bar || !words) return;
    bar.hidden = !this.line || !why;
    words.textContent = why;
  }
}

/** `text` beginning with `now` instead of `was`. */
export function relead(text: string, was: string, now: string): string {
  const rest = was && text.startsWith(was) ? text.slice(was.length).replace(/^\n{1,2}/, "") : text;
  return now ? now + GAP + rest : rest;
}
