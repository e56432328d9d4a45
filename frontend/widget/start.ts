/* Puts the window beside the bubble and ties both to the page: opening, focus, badge, sound, `Sportello(…)`. */
import { Chat, type Watcher } from "./chat";
import { Panel } from "./panel";
import { strings } from "./strings";
import { css } from "./styles";
import type { Identity, Message, Mounted, StartOptions } from "./types";

const narrow = matchMedia("(max-width: 639px)");

export function start(options: StartOptions): Mounted {
  return new Widget(options);
}

class Widget implements Mounted, Watcher {
  private readonly chat: Chat;
  private readonly panel: Panel;
  private readonly listeners = new Map<string, Set<(detail: unknown) => void>>();
  private pageOverflow = "";
  private badge = -1;

  constructor(private readonly options: StartOptions) {
    const { root, bubble, language } = options;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css(options.face.side === "left" ? "left" : "right"));
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    this.chat = new Chat(options, this);
    this.panel = new Panel(this.chat, strings[language], () => this.close());
    this.panel.element.lang = language;
    root.insertBefore(this.panel.element, bubble);
    bubble.addEventListener("click", () => this.toggle());
    bubble.setAttribute("aria-expanded", "false");
    this.panel.element.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => this.chat.look());
    visualViewport?.addEventListener("resize", () => this.fit());
    narrow.addEventListener("change", () => this.fit());
    if (this.chat.store.kept.talking) this.chat.connection.start();
    this.changed();
  }

  call(verb: string, ...args: unknown[]): void {
    const about = args[0];
    if (verb === "open") this.open();
    else if (verb === "close") this.close();
    else if (verb === "identify" && isRecord(about)) this.chat.identify(about as Identity);
    else if (verb === "set" && isRecord(about)) this.set(about);
    else if (verb === "reset") this.reset();
    else if (verb === "on" && typeof about === "string" && typeof args[1] === "function") {
      const heard = this.listeners.get(about) ?? new Set();
      this.listeners.set(about, heard.add(args[1] as (detail: unknown) => void));
    }
  }

  changed(): void {
    if (!this.panel) return;
    this.panel.draw();
    this.drawBadge();
  }

  arrived(message: Message): void {
    if (message.kind === "me") return;
    this.emit("message", { author: message.author?.name });
    if (this.chat.store.kept.sound && (!this.chat.visible || document.hidden)) chime();
  }

  transcript(ok: boolean): void {
    this.panel.told(ok);
  }

  private open(): void {
    if (this.chat.visible) return;
    this.chat.visible = true;
    this.chat.connection.start();
    this.panel.element.hidden = false;
    this.options.bubble.setAttribute("aria-expanded", "true");
    this.fit();
    this.changed();
    this.panel.opened();
    this.chat.look();
    this.emit("open", null);
  }

  private close(): void {
    if (!this.chat.visible) return;
    this.chat.visible = false;
    this.panel.element.hidden = true;
    this.options.bubble.setAttribute("aria-expanded", "false");
    this.fit();
    this.changed();
    this.options.bubble.focus({ preventScroll: true });
    this.emit("close", null);
  }

  private toggle(): void {
    if (this.chat.visible) this.close();
    else this.open();
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation(); // the shop's own shortcuts must not fire while somebody writes here
    if (event.key === "Escape") {
      event.preventDefault();
      if (!this.panel.escape()) this.close();
    } else if (event.key === "Tab" && narrow.matches) this.trap(event);
  }

  /** Full screen there is nothing else to reach: Tab goes round. */
  private trap(event: KeyboardEvent): void {
    const all = [...this.panel.element.querySelectorAll<HTMLElement>("a[href],button,input,textarea,[tabindex='0']")]
      .filter((el) => el.tabIndex >= 0 && el.checkVisibility());
    const active = this.options.root.activeElement;
    const [first, last] = [all[0], all.at(-1)];
    if (event.shiftKey ? active === first : active === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  private fit(): void {
    const full = narrow.matches && this.chat.visible;
    const { element } = this.panel;
    element.toggleAttribute("aria-modal", full);
    if (full) element.setAttribute("aria-modal", "true");
    this.options.bubble.hidden = full;
    element.style.height = full && visualViewport ? `${visualViewport.height}px` : "";
    const page = document.documentElement.style;
    if (full && page.overflow !== "hidden") [this.pageOverflow, page.overflow] = [page.overflow, "hidden"];
    else if (!full && page.overflow === "hidden") page.overflow = this.pageOverflow;
  }

  private set(about: Record<string, unknown>): void {
    const { form } = this.chat.store.kept;
    const text = (value: unknown, old?: string) => (typeof value === "string" ? value.slice(0, 254) : old);
    const [name, email] = [text(about.name, form.name), text(about.email, form.email)];
    this.chat.store.keep({ form: { ...(name ? { name } : {}), ...(email ? { email } : {}) } });
  }

  /** After a log-out on a shared computer: the next person starts with nothing. */
  private reset(): void {
    this.close();
    this.chat.connection.stop();
    this.chat.forget();
    this.changed();
  }

  private drawBadge(): void {
    const count = this.chat.visible ? 0 : this.chat.unread;
    if (count === this.badge) return;
    this.badge = count;
    const { bubble, language, face } = this.options;
    const sign = bubble.querySelector<HTMLElement>(".n")!;
    sign.hidden = !count;
    sign.textContent = count > 9 ? "9+" : String(count);
    bubble.setAttribute("aria-label", count ? strings[language].openUnread(count) : strings[language].open(face.brand));
    this.emit("unread", count);
  }

  private emit(name: string, detail: unknown): void {
    for (const heard of this.listeners.get(name) ?? []) heard(detail);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Two soft notes, made on the spot: nothing to download, silent until the visitor asks for it. */
function chime(): void {
  const audio = new AudioContext();
  [660, 880].forEach((pitch, at) => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const begin = audio.currentTime + at * 0.12;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.06, begin);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.25);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.26);
  });
  setTimeout(() => void audio.close(), 700);
}
