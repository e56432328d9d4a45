/* The state of one chat, without a single element: what was said, what waits, where the talk stands. */
import { Connection, type Listener } from "./connection";
import { Store } from "./store";
import type { Face, Facts, Form, Frame, Hours, Identity, Language, Message, Say, StartOptions, Welcome } from "./types";

export type Screen = "form" | "talk" | "ended";

export interface Watcher {
  /** Something changed: draw. */
  changed(): void;
  /** A message of ours arrived just now. */
  arrived(message: Message): void;
  transcript(ok: boolean): void;
}

export class Chat implements Listener {
  readonly face: Face;
  readonly language: Language;
  readonly store: Store;
  readonly connection: Connection;
  readonly messages: Message[] = [];
  hours: Hours;
  facts: Facts = { agent: null, queue: null, read: { upto: 0 }, ended: null };
  typing: string | null = null;
  online = false;
  welcomed = false;
  /** The visitor chose to go on although the talk ended, or passed the form. */
  goesOn = false;
  visible = false;
  /** Acknowledged, but not yet told back as a message: the server has it, the screen keeps it. */
  private acked: Say[] = [];
  private typingTimer = 0;
  private gotUpto = 0;

  constructor(readonly options: StartOptions, private readonly watcher: Watcher) {
    this.face = options.face;
    this.language = options.language;
    this.hours = options.face;
    this.store = new Store(options.channel);
    const url = `${options.base.replace(/^http/, "ws")}/ws/chat/${options.channel}`;
    this.connection = new Connection(url, this.store, options.language, this);
    addEventListener("storage", () => watcher.changed());
  }

  get screen(): Screen {
    if (this.facts.ended && !this.goesOn && !this.outbox.length) return "ended";
    if (this.messages.length || this.acked.length || this.outbox.length || this.goesOn) return "talk";
    const { ask_question, ask_name, ask_email } = this.face;
    return !this.hours.open || ask_question || ask_name !== "no" || ask_email !== "no" ? "form" : "talk";
  }

  get outbox(): Say[] {
    const known = new Set(this.messages.map((message) => message.ref));
    return this.store.kept.outbox.filter((say) => !known.has(say.id));
  }

  get accepted(): Say[] {
    const known = new Set(this.messages.map((message) => message.ref));
    return this.acked.filter((say) => !known.has(say.id));
  }

  get unread(): number {
    const { seen } = this.store.kept;
    return this.messages.filter((message) => message.kind !== "me" && message.id > seen).length;
  }

  say(text: string, files: Say["files"] = [], form?: Form): void {
    if (form) this.store.keep({ form });
    const kept = this.store.kept.form;
    const id = crypto.randomUUID?.() ?? fallbackUuid();
    const at = new Date().toISOString();
    this.store.add({ id, text, files, at, ...(kept.email || kept.name ? { form: kept } : {}) });
    this.store.keep({ talking: true });
    this.goesOn = true;
    this.connection.flush();
    this.watcher.changed();
  }

  /** Past the form or the end: the composer is next. */
  goOn(): void {
    this.goesOn = true;
    this.watcher.changed();
  }

  identify(identity: Identity): void {
    this.connection.identity = identity;
    if (this.connection.online) this.connection.again();
  }

  end(): void {
    this.goesOn = false;
    this.connection.send({ end: { id: crypto.randomUUID?.() ?? fallbackUuid() } });
  }

  forget(): void {
    this.store.forget();
    this.messages.length = 0;
    this.acked = [];
    this.facts = { agent: null, queue: null, read: { upto: 0 }, ended: null };
    this.connection.after = 0;
    this.connection.identity = null;
    this.goesOn = false;
  }

  isTyping(): void {
    this.connection.send({ typing: {} });
  }

  /** What is on screen counts as read, and the server learns of it. */
  look(): void {
    const last = this.lastOurs();
    if (!this.visible || document.visibilityState !== "visible" || !last || last.id <= this.store.kept.seen) return;
    this.store.keep({ seen: last.id });
    this.connection.send({ read: { upto: last.id } });
    this.watcher.changed();
  }

  onState(online: boolean): void {
    this.online = online;
    if (!online) this.typing = null;
    this.watcher.changed();
  }

  onWelcome({ history, hours, ...facts }: Welcome): void {
    this.welcomed = true;
    this.hours = hours;
    this.learn(facts);
    for (const message of history) this.add(message);
    this.settle();
    this.watcher.changed();
    this.look();
  }

  onFrame(frame: Frame): void {
    if (frame.message) {
      this.add(frame.message);
      if (frame.message.kind !== "me") {
        this.typing = null;
        this.watcher.arrived(frame.message);
      }
    }
    if (frame.ack) this.accept(frame.ack.id);
    if (frame.typing) this.showTyping(frame.typing.name);
    if (frame.transcript) this.watcher.transcript(frame.transcript.ok);
    this.learn(frame);
    this.settle();
    this.watcher.changed();
    this.look();
  }

  private learn(facts: Partial<Facts>): void {
    for (const name of ["agent", "queue", "read", "ended"] as const) {
      if (name in facts) Object.assign(this.facts, { [name]: facts[name] });
    }
    if ("ended" in facts && facts.ended && !this.outbox.length) this.goesOn = false;
  }

  /** Told before the connection takes it off the outbox. */
  private accept(id: string): void {
    const say = this.store.kept.outbox.find((waiting) => waiting.id === id);
    if (say) this.acked.push(say);
    this.store.sent(id);
  }

  private add(message: Message): void {
    if (message.ref) this.store.sent(message.ref);
    if (this.messages.some(({ id }) => id === message.id)) return;
    this.messages.push(message);
    this.messages.sort((a, b) => a.id - b.id);
    this.connection.after = Math.max(this.connection.after, message.id);
  }

  private settle(): void {
    const last = this.lastOurs();
    if (last && last.id > this.gotUpto && last.id > this.store.kept.seen) {
      this.gotUpto = last.id;
      this.connection.send({ got: { upto: last.id } });
    }
    const talking = (this.messages.length > 0 || this.outbox.length > 0) && !(this.facts.ended && this.unread === 0);
    if (talking !== this.store.kept.talking) this.store.keep({ talking });
  }

  private showTyping(name: string): void {
    this.typing = name;
    clearTimeout(this.typingTimer);
    this.typingTimer = window.setTimeout(() => {
      this.typing = null;
      this.watcher.changed();
    }, 6_000);
  }

  private lastOurs(): Message | undefined {
    return this.messages.findLast((message) => message.kind !== "me");
  }
}

/** Pages on plain HTTP have no `randomUUID`. */
function fallbackUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
