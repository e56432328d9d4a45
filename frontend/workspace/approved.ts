// Outside the reply window only an approved text may go: which one, its values, and how it will read.
import { $, $$, el, piece, t } from "./page.ts";
import { problem } from "./toast.ts";

const HOLE = /\{\{\s*(\d+)\s*\}\}/g;

export class Approved {
  on = false;
  private channel = "";

  constructor(
    private readonly host: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.part?.addEventListener("change", (event) => {
      if ((event.target as Element).matches("select")) this.fields();
      this.preview();
    });
    this.part?.addEventListener("input", () => this.preview());
  }

  private get part(): HTMLFieldSetElement | null {
    return $<HTMLFieldSetElement>(".template-part", this.host);
  }
  private get choice(): HTMLOptionElement | null {
    const select = $<HTMLSelectElement>("select", this.host.querySelector(".template-part") ?? undefined);
    return select?.value ? (select.selectedOptions[0] ?? null) : null;
  }

  turn(way: HTMLInputElement | null, note: boolean): void {
    this.on = !note && way?.dataset.template !== undefined;
    this.host.classList.toggle("as-template", this.on);
    const { part } = this;
    if (!part) return;
    part.disabled = part.hidden = !this.on;
    if (this.on && way && way.value !== this.channel) void this.load(way);
  }

  /** What is still missing, as a sentence; empty when it may go. */
  missing(): string {
    if (!this.choice) return t("template_missing");
    return this.values().every(Boolean) ? "" : t("value_missing");
  }

  clear(): void {
    this.channel = "";
    this.part?.replaceChildren();
  }

  private async load(way: HTMLInputElement): Promise<void> {
    const { part } = this;
    if (!part) return;
    this.channel = way.value;
    const why = el("p", "quiet", t("only_template", { why: way.dataset.sentence ?? "" }));
    part.replaceChildren(why);
    try {
      const { html } = await piece(`${this.host.dataset.templates}?channel=${way.value}`);
      if (this.channel !== way.value) return;
      part.insertAdjacentHTML("beforeend", html);
      this.fields($$("[data-kept]", part).map((one) => one.dataset.kept ?? ""));
      this.preview(false);
    } catch {
      this.channel = "";
      problem(t("failed"));
    }
  }

  private fields(kept: string[] = []): void {
    const place = $(".template-values", this.host);
    const { choice } = this;
    if (!place) return;
    place.replaceChildren(
      ...Array.from({ length: Number(choice?.dataset.parameters ?? 0) }, (_, at) => {
        const input = document.createElement("input");
        Object.assign(input, { className: "input", name: "value", value: kept[at] ?? "", maxLength: 1000, autocomplete: "off" });
        input.setAttribute("list", "template-places");
        return el("label", "", `${place.dataset.label} ${at + 1}`, input);
      }),
    );
    $<HTMLInputElement>("input", place)?.focus();
  }

  private values(): string[] {
    return $$<HTMLInputElement>("[name=value]", this.host).map((input) => input.value.trim());
  }

  private preview(touched = true): void {
    const place = $(".template-preview", this.host);
    const { choice } = this;
    if (place) {
      const values = this.values();
      const body = choice?.dataset.body ?? "";
      const pieces = body.split(HOLE).map((words, at) => (at % 2 ? el(values[Number(words) - 1] ? "b" : "i", "", values[Number(words) - 1] || `{{${words}}}`) : words));
      place.replaceChildren(...pieces);
      place.hidden = !choice;
    }
    if (touched) this.changed();
  }
}
