// The ways to the customer: which one is chosen, the next one by a key, and windows that run out while one writes.
import { $, $$, t } from "./page.ts";

const TICK = 20_000;

export class Ways {
  private clock = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly changed: () => void,
  ) {}

  start(): void {
    $("#menu")?.addEventListener("toggle", this.mark);
    this.tick();
    this.clock = window.setInterval(() => this.tick(), TICK);
  }

  stop(): void {
    $("#menu")?.removeEventListener("toggle", this.mark);
    clearInterval(this.clock);
  }

  get chosen(): HTMLInputElement | null {
    return $<HTMLInputElement>("[name=channel]:checked", this.host);
  }
  /** Those that may be chosen, in the order shown. */
  get usable(): HTMLInputElement[] {
    return $$<HTMLInputElement>("[name=channel]:not([disabled])", this.host);
  }

  /** True when the way changed. */
  choose(way: HTMLInputElement | null | undefined): boolean {
    if (!way || way.disabled || way.checked) return false;
    way.checked = true;
    way.closest(".reach")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.changed();
    return true;
  }

  byId(channel: number | string): HTMLInputElement | null {
    return $<HTMLInputElement>(`[name=channel][value="${channel || 0}"]`, this.host);
  }

  next(step: 1 | -1): boolean {
    const ways = this.usable;
    const at = ways.findIndex((way) => way.checked);
    return this.choose(ways[(at + step + ways.length) % ways.length]);
  }

  nth(number: number): boolean {
    return this.choose(this.usable[number - 1]);
  }

  /** The list of all ways came from the server: which one is chosen is known here. */
  private readonly mark = (): void => {
    for (const item of $$("#menu [data-way]")) item.toggleAttribute("aria-current", item.dataset.way === this.chosen?.value);
  };

  private tick(): void {
    for (const way of $$<HTMLInputElement>("[name=channel][data-until]", this.host)) {
      const minutes = Math.ceil((Date.parse(way.dataset.until ?? "") - Date.now()) / 60_000);
      const small = $("small", way.closest(".reach") ?? undefined);
      if (minutes <= 0) this.shut(way);
      else if (small) small.textContent = minutes < 60 ? t("window_left_m", { m: minutes }) : minutes < 2880 ? t("window_left_h", { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0") }) : small.textContent;
    }
  }

  /** The window ran out under the writer's hand: only a template may go now, if there is one. */
  private shut(way: HTMLInputElement): void {
    delete way.dataset.until;
    const chip = way.closest(".reach");
    chip?.classList.add("shut");
    const small = chip && $("small", chip);
    if (small) small.textContent = t("window_shut");
    way.dataset.sentence = t("window_shut");
    if (way.dataset.later !== undefined) way.dataset.template = "";
    else way.disabled = true;
    if (!way.checked) return;
    if (way.disabled) way.checked = false;
    if (!way.disabled || !this.choose(this.usable[0])) this.changed();
  }
}
