/* “More”: sound, transcript, end. A menu button as the ARIA practices describe it. */
import type { Chat } from "./chat";
import { h, icon, iconButton, type Icon } from "./dom";
import type { Strings } from "./strings";

export class Menu {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private list: HTMLElement | null = null;

  constructor(private readonly chat: Chat, private readonly t: Strings, private readonly askTranscript: () => void) {
    this.button = iconButton("ellipsis", t.more, () => (this.list ? this.close() : this.open()), { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.element = h("div", { class: "more-menu" }, this.button);
  }

  draw(): void {
    this.element.hidden = !this.items().length;
  }

  escape(): boolean {
    const open = this.list !== null;
    if (open) this.close();
    return open;
  }

  private items(): [Icon, string, () => void][] {
    const { face, facts, store, messages, screen } = this.chat;
    const items: [Icon, string, () => void][] = [];
    if (face.sound) {
      const { sound } = store.kept;
      items.push(["loud", sound ? this.t.soundOn : this.t.soundOff, () => store.keep({ sound: !sound })]);
    }
    if (face.offer_transcript && messages.length && screen === "talk") items.push(["mail", this.t.transcript, this.askTranscript]);
    for (const { name, hint, link } of face.ways ?? []) items.push(["out", hint ? `${name} · ${hint}` : name, () => window.open(link, "_blank", "noopener")]);
    if (messages.length && !facts.ended) items.push(["end", this.t.endChat, () => this.chat.end()]);
    return items;
  }

  private open(): void {
    const rows = this.items().map(([name, words, act]) =>
      h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => {
        this.close();
        act();
      } }, icon(name), words));
    const move = (event: Event): void => {
      const { key } = event as KeyboardEvent;
      const at = rows.indexOf(event.target as HTMLButtonElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[key];
      if (key === "Tab") this.close();
      if (to === undefined) return;
      event.preventDefault();
      rows[(to + rows.length) % rows.length]?.focus();
    };
    const leave = (event: Event): void => {
      if (this.list && !this.element.contains((event as FocusEvent).relatedTarget as Node | null)) this.close(false);
    };
    this.list = h("div", { class: "pop menu", role: "menu", "aria-label": this.t.more, onkeydown: move, onfocusout: leave }, ...rows);
    this.element.append(this.list);
    this.button.setAttribute("aria-expanded", "true");
    rows[0]?.focus();
  }

  private close(focus = true): void {
    const list = this.list;
    this.list = null;
    list?.remove();
    this.button.setAttribute("aria-expanded", "false");
    if (focus) this.button.focus();
  }
}
