// Plain words or shaped ones: the rich editor comes when it is asked for and goes where the channel has no formatting.
import { $ } from "./page.ts";
import type { Rich } from "./rich.ts";

export class Shape {
  rich: Rich | null = null;

  constructor(
    private readonly host: HTMLElement & { readonly area: HTMLTextAreaElement },
    private readonly changed: () => void,
  ) {}

  async toggle(html = "", focus = true): Promise<void> {
    if (this.rich) return this.plain();
    const { Rich: Editor } = await import("./rich.ts");
    const box = $(".box", this.host);
    if (!box || this.rich) return;
    const { area } = this.host;
    this.rich = new Editor(box, area, this.changed);
    if (html) this.rich.setHtml(html);
    area.hidden = true;
    this.show(true);
    if (focus) this.rich.focus();
  }

  plain(): void {
    if (!this.rich) return;
    const { area } = this.host;
    area.value = this.rich.text();
    this.rich.destroy();
    this.rich = null;
    area.hidden = false;
    this.show(false);
  }

  private show(on: boolean): void {
    $("[data-rich]", this.host)?.setAttribute("aria-pressed", String(on));
  }
}
