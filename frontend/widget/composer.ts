/* Where the visitor writes: Enter sends, Shift+Enter breaks the line, files and emoji stand beside it. */
import type { Chat } from "./chat";
import { h, iconButton } from "./dom";
import { emojiBoard } from "./emoji";
import type { Strings } from "./strings";
import { Uploads } from "./uploads";

const LONGEST = 8_000;
const TYPING_EVERY = 2_500;

export class Composer {
  readonly element: HTMLElement;
  private readonly box: HTMLTextAreaElement;
  private readonly sendButton: HTMLButtonElement;
  private readonly uploads: Uploads;
  private readonly problem = h("p", { class: "error", role: "alert", hidden: true });
  private board: HTMLElement | null = null;
  private toldTyping = 0;

  constructor(private readonly chat: Chat, private readonly t: Strings) {
    this.uploads = new Uploads(chat, t, () => this.ready());
    this.box = h("textarea", {
      rows: 1, "aria-label": t.write, placeholder: t.write, enterkeyhint: "send", autocomplete: "off",
      oninput: () => this.written(), onkeydown: (e: Event) => this.key(e as KeyboardEvent), onpaste: (e: Event) => this.pasted(e as ClipboardEvent),
    });
    const picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => {
      this.uploads.add(picker.files ?? []);
      picker.value = "";
      this.box.focus();
    } });
    const emoji = iconButton("smile", t.emoji, () => this.toggleBoard(emoji), { "aria-expanded": "false" });
    this.sendButton = iconButton("send", t.send, () => this.send(), { class: "ib send" });
    const attach = chat.face.offer_files && iconButton("clip", t.attach, () => picker.click());
    this.element = h("div", { class: "compose" }, this.problem, this.uploads.element,
      h("div", { class: "say" }, attach, this.box, emoji, this.sendButton, picker));
    this.ready();
  }

  focus(): void {
    this.box.focus({ preventScroll: true });
  }

  draw(): void {
    const words = this.chat.facts.queue ? this.t.addDetail : this.t.write;
    if (this.box.placeholder !== words) this.box.placeholder = words;
  }

  /** Closes the emoji board; whether one was open. */
  escape(): boolean {
    const open = this.board !== null;
    if (open) this.closeBoard();
    return open;
  }

  private send(): void {
    const text = this.box.value.trim();
    if (this.uploads.busy || (!text && !this.uploads.any)) return;
    this.problem.hidden = text.length <= LONGEST;
    if (text.length > LONGEST) {
      this.problem.textContent = this.t.tooLong;
      return;
    }
    this.chat.say(text, this.uploads.take());
    this.box.value = "";
    this.written();
    this.box.focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  private pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !this.chat.face.offer_files) return;
    event.preventDefault();
    this.uploads.add(files);
  }

  private written(): void {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 124)}px`;
    this.ready();
    const now = Date.now();
    if (this.box.value && now - this.toldTyping > TYPING_EVERY) {
      this.toldTyping = now;
      this.chat.isTyping();
    }
  }

  private ready(): void {
    const can = !this.uploads.busy && (this.box.value.trim() !== "" || this.uploads.any);
    this.sendButton.setAttribute("aria-disabled", String(!can));
  }

  private toggleBoard(button: HTMLElement): void {
    if (this.escape()) return;
    this.board = emojiBoard(this.t.emoji, (sign) => {
      this.box.setRangeText(sign, this.box.selectionStart, this.box.selectionEnd, "end");
      this.closeBoard();
      this.written();
    });
    button.setAttribute("aria-expanded", "true");
    this.element.append(this.board);
    this.board.querySelector("button")?.focus();
  }

  private closeBoard(): void {
    this.board?.remove();
    this.board = null;
    this.element.querySelector("[aria-expanded=true]")?.setAttribute("aria-expanded", "false");
    this.box.focus();
  }
}
