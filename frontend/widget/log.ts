/* The talk as a list: nodes are kept by key, so that a screen reader hears only what is new. */
import type { Chat } from "./chat";
import { h, icon, prose } from "./dom";
import type { Strings } from "./strings";
import { clock, day, exact, size } from "./times";
import type { Say, StoredFile } from "./types";

const PAUSE = 5 * 60_000;

interface Line {
  key: string;
  make: () => HTMLElement;
  update?: (element: HTMLElement) => void;
}

interface Entry {
  key: string;
  kind: "me" | "agent" | "house";
  name: string;
  text: string;
  at: string;
  files: StoredFile[];
  /** 0 until the server has told it back. */
  id: number;
  sent: boolean;
  choices: string[];
}

export class Log {
  readonly element: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly list: HTMLElement;
  private readonly dots: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly nodes = new Map<string, HTMLElement>();
  private missed = 0;

  constructor(private readonly chat: Chat, private readonly t: Strings) {
    this.list = h("div", { role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": t.chatWith(chat.face.brand), class: "log" });
    this.dots = h("div", { class: "b dots", role: "img", hidden: true }, h("span"), h("span"), h("span"));
    this.scroller = h("div", { class: "scroll", tabindex: "0", onscroll: () => this.atEnd && this.caughtUp() }, this.list, this.dots);
    this.more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.toEnd() });
    this.element = h("div", { class: "talk" }, this.scroller, this.more);
  }

  draw(): void {
    const follow = this.atEnd;
    const fresh = this.reconcile(this.lines());
    const { typing } = this.chat;
    this.dots.hidden = !typing;
    if (typing) this.dots.setAttribute("aria-label", this.t.isTyping(typing));
    if (follow) this.toEnd();
    else if (fresh) {
      this.missed += fresh;
      this.more.textContent = this.t.newMessages(this.missed);
      this.more.hidden = false;
    }
  }

  toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.caughtUp();
  }

  private get atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 40;
  }

  private caughtUp(): void {
    this.missed = 0;
    this.more.hidden = true;
  }

  private entries(): Entry[] {
    const said = this.chat.messages.map((m): Entry => ({
      key: m.ref ?? `m${m.id}`, kind: m.kind, name: m.author?.name ?? "", text: m.text, at: m.at, files: m.files, id: m.id, sent: true, choices: m.choices ?? [],
    }));
    const own = (sent: boolean) => (s: Say): Entry => ({
      key: s.id, kind: "me", name: "", text: s.text, at: s.at, id: 0, sent, choices: [], files: s.files.map((f) => ({ ...f, url: "" })),
    });
    return [...said, ...this.chat.accepted.map(own(true)), ...this.chat.outbox.map(own(false))];
  }

  private lines(): Line[] {
    const { language } = this.chat;
    const lines: Line[] = [];
    const entries = this.entries();
    let before: Entry | undefined;
    for (const entry of entries) {
      const newDay = before && new Date(before.at).toDateString() !== new Date(entry.at).toDateString();
      if (newDay) lines.push({ key: `day ${entry.key}`, make: () => h("div", { class: "mid" }, day(entry.at, language, this.t)) });
      const apart = !before || newDay || before.kind !== entry.kind || before.name !== entry.name
        || Date.parse(entry.at) - Date.parse(before.at) > PAUSE;
      if (apart) lines.push({ key: `by ${entry.key}`, make: () => this.byline(entry) });
      const key = entry.id && entry.files.length ? `${entry.key} stored` : entry.key; // now its files have addresses
      lines.push({ key, make: () => this.bubble(entry), update: (el) => el.classList.toggle("late", !entry.sent && !this.chat.online) });
      before = entry;
    }
    const last = entries.at(-1);
    if (last?.choices.length && !this.chat.facts.ended) lines.push({ key: `choices ${last.key}`, make: () => this.choices(last.choices) });
    if (last?.kind === "me") {
      lines.push({ key: "state", make: () => h("div", { class: "by me state", "aria-live": "off" }), update: (el) => this.state(el, last) });
    }
    return lines;
  }

  private byline(entry: Entry): HTMLElement {
    const who = entry.kind === "me" ? this.t.you : entry.name;
    return h("div", { class: entry.kind === "me" ? "by me" : "by", title: exact(entry.at, this.chat.language) }, `${who}, ${clock(entry.at, this.chat.language)}`);
  }

  private bubble(entry: Entry): HTMLElement {
    const bubble = h("div", { class: entry.kind === "me" ? "b me" : "b" }, ...(entry.text ? [h("p", {}, ...prose(entry.text))] : []));
    for (const file of entry.files) bubble.append(this.file(file));
    return bubble;
  }

  /** Pressing one says it. They go with the next message. */
  private choices(titles: string[]): HTMLElement {
    return h("div", { class: "choices" }, ...titles.map((title) => h("button", { type: "button", onclick: () => this.chat.say(title) }, title)));
  }

  private file(file: StoredFile): HTMLElement {
    const chip = () => h(file.url ? "a" : "span", { class: "file", ...(file.url ? { href: this.chat.options.base + file.url, target: "_blank", rel: "noopener", download: file.name } : {}) },
      icon("file"), h("span", {}, file.name, h("small", {}, size(file.size, this.chat.language))));
    if (!file.url || !/^image\/(png|jpeg|gif|webp)$/.test(file.type)) return chip();
    const picture = h("img", { class: "photo", src: this.chat.options.base + file.url, alt: file.name, width: 176, height: 132, loading: "lazy" });
    const link = h("a", { href: this.chat.options.base + file.url, target: "_blank", rel: "noopener" }, picture);
    picture.addEventListener("error", () => link.replaceWith(chip()), { once: true });
    return link;
  }

  private state(element: HTMLElement, last: Entry): void {
    const { online, facts } = this.chat;
    const words = !last.sent ? (online ? this.t.leaving : this.t.waiting) : last.id && facts.read.upto >= last.id ? this.t.read : this.t.sent;
    if (element.dataset.words === words) return;
    element.dataset.words = words;
    element.replaceChildren(...(last.sent ? [] : [icon("clock", 12)]), words);
  }

  /** Puts the list's nodes in order; returns how many messages of others are new. */
  private reconcile(lines: Line[]): number {
    let fresh = 0;
    const wanted = new Set(lines.map((line) => line.key));
    for (const [key, node] of this.nodes) {
      if (!wanted.has(key)) {
        node.remove();
        this.nodes.delete(key);
      }
    }
    lines.forEach((line, at) => {
      let node = this.nodes.get(line.key);
      if (!node) {
        node = line.make();
        this.nodes.set(line.key, node);
        if (node.className === "b") fresh += 1;
      }
      line.update?.(node);
      if (this.list.children[at] !== node) this.list.insertBefore(node, this.list.children[at] ?? null);
    });
    return fresh;
  }
}
