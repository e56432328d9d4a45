// Buttons under an answer: titles to press, or a numbered list where the channel has no buttons.
import { $, $$, el, t } from "./page.ts";

const MOST = 10;

export class Choices {
  constructor(
    private readonly host: HTMLElement,
    private readonly changed: () => void,
  ) {
    const { row } = this;
    row?.addEventListener("keydown", (event) => {
      const input = event.target as HTMLInputElement;
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && input.matches(".input")) {
        event.preventDefault();
        event.stopPropagation();
        this.add(input.value);
        input.value = "";
      } else if (event.key === "Backspace" && !input.value) this.remove($$(".tag", this.row ?? undefined).at(-1));
    });
    row?.addEventListener("click", (event) => {
      const cross = (event.target as Element).closest(".tag button");
      if (cross) this.remove(cross.closest<HTMLElement>(".tag"));
    });
  }

  private get row(): HTMLElement | null {
    return $(".choices", this.host);
  }
  get titles(): string[] {
    return $$<HTMLInputElement>("[name=choice]", this.host).map((input) => input.value);
  }

  toggle(open = !!this.row?.hidden): void {
    const { row } = this;
    if (!row) return;
    row.hidden = !open;
    $("[data-choices]", this.host)?.setAttribute("aria-pressed", String(open));
    if (open) $<HTMLInputElement>(".input", row)?.focus();
    else this.restore([]);
  }

  /** A title that was typed but not confirmed goes along. */
  settle(): void {
    const input = this.row && !this.row.hidden ? $<HTMLInputElement>(".input", this.row) : null;
    if (!input?.value.trim()) return;
    this.add(input.value);
    input.value = "";
  }

  restore(titles: string[]): void {
    $(".given", this.row ?? undefined)?.replaceChildren();
    for (const title of titles) this.add(title, false);
    const { row } = this;
    if (row) row.hidden = !titles.length;
    $("[data-choices]", this.host)?.setAttribute("aria-pressed", String(!!titles.length));
    this.changed();
  }

  turn(way: HTMLInputElement | null): void {
    const how = this.row && $(".how", this.row);
    const room = Number(way?.dataset.buttons ?? 0);
    if (how) how.textContent = room && this.titles.length <= room ? t("as_buttons") : t("as_list");
    if (this.titles.length && this.row) this.row.hidden = false;
  }

  private add(title: string, tell = true): void {
    const words = title.trim().slice(0, 20);
    if (!words || this.titles.includes(words) || this.titles.length >= MOST) return;
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: "choice", value: words });
    const cross = el("button", "", "×");
    cross.setAttribute("type", "button");
    cross.setAttribute("aria-label", `${t("remove")}: ${words}`);
    $(".given", this.row ?? undefined)?.append(el("span", "tag", hidden, words, cross));
    if (tell) this.changed();
  }

  private remove(tag: HTMLElement | null | undefined): void {
    if (!tag) return;
    tag.remove();
    this.changed();
  }
}
