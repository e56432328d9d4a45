/* What stays on the device, per channel: who the visitor is, what is not sent yet, how far was read.
   Always read anew before writing: another tab may have changed it. */
import type { Form, Say } from "./types";

export interface Kept {
  visitor: string | null;
  token: string | null;
  outbox: Say[];
  form: Form;
  seen: number;
  talking: boolean;
  sound: boolean;
}

const nothing: Kept = { visitor: null, token: null, outbox: [], form: {}, seen: 0, talking: false, sound: false };

export class Store {
  private readonly key: string;
  private memory: Kept = { ...nothing };

  constructor(channel: string) {
    this.key = `sportello:${channel}`;
  }

  get kept(): Kept {
    try {
      const read = JSON.parse(localStorage.getItem(this.key) ?? "{}") as Partial<Kept>;
      this.memory = { ...nothing, ...read, outbox: Array.isArray(read.outbox) ? read.outbox : [] };
    } catch {
      /* storage is shut or broken: the tab's memory has to do */
    }
    return this.memory;
  }

  keep(change: Partial<Kept>): void {
    this.memory = { ...this.kept, ...change };
    try {
      localStorage.setItem(this.key, JSON.stringify(this.memory));
    } catch {
      /* as above */
    }
  }

  add(say: Say): void {
    this.keep({ outbox: [...this.kept.outbox, say] });
  }

  sent(id: string): void {
    const { outbox } = this.kept;
    if (outbox.some((say) => say.id === id)) this.keep({ outbox: outbox.filter((say) => say.id !== id) });
  }

  forget(): void {
    this.memory = { ...nothing };
    try {
      localStorage.removeItem(this.key);
    } catch {
      /* as above */
    }
  }
}
