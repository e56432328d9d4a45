// "/" offers saved replies, the first as ghost text that Tab takes; "@" in a note offers colleagues.
import { $, $$, el } from "./page.ts";

interface Reply {
  shortcut: string;
  title: string;
  text: string;
}
interface Person {
  id: number;
  name: string;
  initials: string;
}

/** Where the words go: the composer, as far as suggestions know it. */
interface Host extends HTMLElement {
  readonly area: HTMLTextAreaElement;
  readonly form: HTMLFormElement;
  readonly note: boolean;
  insert(text: string, from: number): void;
  focusIn(): void;
}

export class Suggest {
  private replies: Reply[] | null = null;
  private people: Person[] | null = null;
  private from = -1;
  private readonly box: HTMLElement | null;
  private readonly ghost: HTMLElement | null;

  constructor(private readonly host: Host) {
    this.box = $(".suggest", host);
    this.ghost = $(".ghost", host);
  }

  /** After each change: is the word at the caret a call for something? */
  look(): void {
    const area = this.host.area;
    const before = area.value.slice(0, area.selectionEnd);
    const word = /(?:^|\s)([/@][\p{L}\p{N}_-]*)$/u.exec(before)?.[1] ?? "";
    if (word.startsWith("/") && !this.host.note && document.activeElement === area) void this.offerReplies(word.slice(1), before.length - word.length);
    else if (word.startsWith("@") && this.host.note) void this.offerPeople(word.slice(1), before.length - word.length);
    else this.close();
  }

  open(): void {
    const area = this.host.area;
    if (area.hidden) return;
    area.focus();
    if (!/\/[\w-]*$/.test(area.value.slice(0, area.selectionEnd))) this.host.insert(area.value && !/\s$/.test(area.value) ? " /" : "/", area.selectionEnd);
    else this.look();
  }

  async takeByName(shortcut: string): Promise<void> {
    const reply = (await this.load()).find((one) => one.shortcut === shortcut);
    if (reply) this.host.insert(reply.text, this.host.area.selectionEnd);
    this.host.focusIn();
  }

  key(event: KeyboardEvent): boolean {
    if (!this.box || this.box.hidden || event.isComposing) return false;
    const items = $$(".it", this.box);
    const at = items.findIndex((item) => item.matches(".is-on"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.mark(items, (at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length);
    } else if (event.key === "Tab" || (event.key === "Enter" && !event.ctrlKey && !event.metaKey)) {
      items[Math.max(0, at)]?.click();
    } else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  close(): void {
    if (this.box) this.box.hidden = true;
    this.ghost?.replaceChildren();
  }

  private async load(): Promise<Reply[]> {
    if (!this.replies) {
      const response = await fetch(this.host.dataset.replies ?? "");
      this.replies = response.ok ? ((await response.json()) as { replies: Reply[] }).replies : [];
    }
    return this.replies;
  }

  private async offerReplies(word: string, from: number): Promise<void> {
    const low = word.toLowerCase();
    const all = await this.load();
    const fitting = [...all.filter((one) => one.shortcut.startsWith(low)), ...all.filter((one) => !one.shortcut.startsWith(low) && one.title.toLowerCase().includes(low))].slice(0, 7);
    this.from = from;
    this.show(fitting.map((one) => this.item(one.title, `/${one.shortcut}`, () => this.host.insert(one.text, this.from))));
    const first = fitting[0];
    const area = this.host.area;
    if (first && this.ghost && low && area.selectionEnd === area.value.length) {
      this.ghost.replaceChildren(area.value, el("b", "", ` ${first.text.length > 90 ? `${first.text.slice(0, 90)}…` : first.text}`.replaceAll("\n", " ")));
    } else this.ghost?.replaceChildren();
  }

  private async offerPeople(word: string, from: number): Promise<void> {
    if (!this.people) {
      const response = await fetch(this.host.dataset.mentions ?? "");
      this.people = response.ok ? ((await response.json()) as { people: Person[] }).people : [];
    }
    const low = word.toLowerCase();
    const fitting = this.people.filter((one) => one.name.toLowerCase().split(/\s+/).some((part) => part.startsWith(low))).slice(0, 7);
    this.from = from;
    this.show(fitting.map((one) => this.item(one.name, "", () => this.mention(one))));
  }

  private mention(person: Person): void {
    this.host.insert(`@${person.name.split(" ")[0]} `, this.from);
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = "mentions";
    hidden.value = String(person.id);
    if (!$(`[name=mentions][value="${person.id}"]`, this.host)) this.host.form.append(hidden);
  }

  private item(text: string, hint: string, take: () => void): HTMLElement {
    const made = el("button", "it", el("span", "clip", text), el("span", "r quiet small", hint));
    made.setAttribute("type", "button");
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", () => {
      this.close();
      take();
      this.close();
    });
    return made;
  }

  private show(items: HTMLElement[]): void {
    if (!this.box) return;
    this.box.replaceChildren(...items);
    this.box.hidden = items.length === 0;
    this.mark(items, 0);
  }

  private mark(items: HTMLElement[], at: number): void {
    for (const [index, item] of items.entries()) item.classList.toggle("is-on", index === at);
    items[at]?.scrollIntoView({ block: "nearest" });
  }
}
