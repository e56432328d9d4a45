/* The socket: comes back by itself with growing pauses, and asks for what came after the last message it saw. */
import type { Store } from "./store";
import type { Frame, Identity, Language, Welcome } from "./types";

const PROTOCOL = "sportello.1";
const LONGEST_PAUSE = 30_000;
const ACK_WITHIN = 8_000;

export interface Listener {
  onWelcome(welcome: Welcome): void;
  onFrame(frame: Frame): void;
  onState(online: boolean): void;
}

export class Connection {
  identity: Identity | null = null;
  /** Id of the newest message that arrived. */
  after = 0;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private ackTimer = 0;
  private wanted = false;
  private greeted = false;

  constructor(
    private readonly url: string,
    private readonly store: Store,
    private readonly language: Language,
    private readonly listener: Listener,
  ) {
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.drop());
    addEventListener("pageshow", () => this.now());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.now();
    });
  }

  get online(): boolean {
    return this.greeted;
  }

  start(): void {
    this.wanted = true;
    this.now();
  }

  stop(): void {
    this.wanted = false;
    this.drop();
  }

  /** Connect anew, for example under another identity. */
  again(): void {
    this.drop();
    this.now();
  }

  send(frame: object): boolean {
    if (!this.greeted || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Sends everything that waits, oldest first. The server knows each message by its id and keeps it once. */
  flush(): void {
    for (const say of this.store.kept.outbox) {
      const sent = this.send({ say: { id: say.id, text: say.text, files: say.files.map((f) => f.key), form: say.form } });
      if (!sent) return;
      this.ackTimer ||= window.setTimeout(() => this.again(), ACK_WITHIN);
    }
  }

  private now(): void {
    clearTimeout(this.timer);
    if (!this.wanted || this.socket || !navigator.onLine) return;
    const socket = (this.socket = new WebSocket(this.url, PROTOCOL));
    socket.onopen = () => socket.send(JSON.stringify({ hello: this.hello() }));
    socket.onmessage = (event) => this.receive(JSON.parse(event.data as string) as Frame);
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private hello(): object {
    const { visitor, token } = this.store.kept;
    return {
      visitor,
      token,
      identity: this.identity,
      after: this.after,
      page: { url: location.href.slice(0, 2000), title: document.title.slice(0, 300) },
      language: this.language,
    };
  }

  private receive(frame: Frame): void {
    if (frame.error) return this.refused(frame.error);
    if (frame.welcome) {
      const { visitor, token } = frame.welcome;
      if (token) this.store.keep({ visitor, token });
      this.attempt = 0;
      this.greeted = true;
      this.listener.onState(true);
      this.listener.onWelcome(frame.welcome);
      this.flush();
      return;
    }
    if (frame.ack || frame.nack) {
      this.listener.onFrame(frame);
      if (frame.nack) this.store.sent(frame.nack.id);
      clearTimeout(this.ackTimer);
      this.ackTimer = 0;
      if (this.store.kept.outbox.length) this.ackTimer = window.setTimeout(() => this.again(), ACK_WITHIN);
      return;
    }
    if (frame.slow) {
      clearTimeout(this.ackTimer);
      this.ackTimer = 0;
      window.setTimeout(() => this.flush(), frame.slow.seconds * 1000);
    }
    this.listener.onFrame(frame);
  }

  private refused(why: string): void {
    if (why === "visitor") {
      this.store.keep({ visitor: null, token: null, seen: 0 });
      this.after = 0;
    } else if (why === "identity") {
      console.warn("Sportello: the identity's signature does not fit; the visitor stays anonymous.");
      this.identity = null;
    } else {
      this.attempt = Math.max(this.attempt, 4);
    }
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
    }
    this.lost();
  }

  private lost(): void {
    this.socket = null;
    this.greeted = false;
    clearTimeout(this.timer);
    clearTimeout(this.ackTimer);
    this.ackTimer = 0;
    this.listener.onState(false);
    if (!this.wanted) return;
    const pause = Math.min(LONGEST_PAUSE, 400 * 2 ** this.attempt) * (0.6 + Math.random() * 0.8);
    this.attempt += 1;
    this.timer = window.setTimeout(() => this.now(), pause);
  }
}
