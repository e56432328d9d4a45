/* What travels between the page, the widget and the visitors' door (protocol sportello.1). */

export interface Face {
  brand: string;
  colour: string;
  language: string;
  privacy: string;
  greeting: string;
  ask_question: boolean;
  ask_name: Ask;
  ask_email: Ask;
  offer_files: boolean;
  offer_transcript: boolean;
  sound: boolean;
  side: string;
  mail: string;
  /** Where else somebody answers now. */
  ways: { name: string; hint: string; link: string }[];
  open: boolean;
  until: string | null;
  opens: string | null;
  app: string;
}

export type Ask = "no" | "optional" | "required";
export type Language = "it" | "en";

export interface Hours {
  open: boolean;
  until: string | null;
  opens: string | null;
}

export interface StoredFile {
  name: string;
  type: string;
  size: number;
  url: string;
}

export interface Message {
  id: number;
  kind: "me" | "agent" | "house";
  text: string;
  author: { name: string; initials: string } | null;
  at: string;
  files: StoredFile[];
  /** Answers to press, under our newest message. */
  choices?: string[];
  ref?: string;
}

export interface Form {
  name?: string;
  email?: string;
}

/** A message of the visitor on its way: kept on the device until the server has it. */
export interface Say {
  id: string;
  text: string;
  files: { key: string; name: string; type: string; size: number }[];
  form?: Form;
  at: string;
}

export interface Identity {
  user_id?: string;
  email?: string;
  name?: string;
  hmac?: string;
}

export interface Facts {
  agent: { name: string; initials: string } | null;
  queue: { position: number; minutes: number } | null;
  read: { upto: number };
  ended: { at: string } | null;
}

export interface Welcome extends Facts {
  visitor: string;
  token?: string;
  hours: Hours;
  history: Message[];
}

export type Frame = Partial<Facts> & {
  welcome?: Welcome;
  message?: Message;
  ack?: { id: string };
  nack?: { id: string; why: string };
  typing?: { name: string };
  slow?: { seconds: number };
  transcript?: { ok: boolean; how?: string };
  error?: string;
};

export interface StartOptions {
  root: ShadowRoot;
  bubble: HTMLButtonElement;
  base: string;
  channel: string;
  face: Face;
  language: Language;
}

export interface Mounted {
  call(verb: string, ...args: unknown[]): void;
}

export type Start = (options: StartOptions) => Mounted;
