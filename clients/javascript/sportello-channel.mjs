// Speak to a Sportello webhook channel. One file without dependencies: Node 18, Deno, Bun, workers.
// On a server only: whoever knows the secret can speak as any user.
//
//   const channel = new Channel("https://help.example.org/intake/…", "whsec_…");
//   await channel.message({ id: "42", name: "Ada" }, "Where is my parcel?");
//   const event = await channel.read(request.headers, await request.text());

const TOLERANCE = 5 * 60;
const encoder = new TextEncoder();

/** The call does not come from Sportello, or is too old. */
export class BadSignature extends Error {}

/** Sportello answered with an error. 429 and 5xx are worth another try with the same id. */
export class Refused extends Error {
  constructor(status, text) {
    super(`${status}: ${text}`);
    this.status = status;
  }
}

/** `url` and `secret` are those of the channel's settings page. */
export class Channel {
  #key;

  constructor(url, secret) {
    this.url = url;
    const bytes = secret.startsWith("whsec_") ? bytesOf(secret.slice(6)) : encoder.encode(secret);
    this.#key = crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }

  /** Something the user said. Resolves to its id; sending the same id again does no harm. */
  async message(user, text, { id = crypto.randomUUID(), thread = "", files = [], answers = "" } = {}) {
    const sent_at = new Date().toISOString();
    await this.post({ type: "message", id, from: user, text, thread, files, answers, sent_at });
    return id;
  }

  /** What became of an answer: "delivered", "read" or "failed". */
  status(message, status, reason = "") {
    return this.post({ type: "status", message, status, reason });
  }

  /** The user closed the talk. */
  ended(user, thread = "") {
    return this.post({ type: "ended", id: crypto.randomUUID(), from: user, thread });
  }

  /** An emoji on a message; an empty one takes it back. */
  reaction(user, message, emoji) {
    return this.post({ type: "reaction", from: user, message, emoji });
  }

  /** The user changed what they wrote. */
  edited(user, message, text) {
    return this.post({ type: "edited", from: user, message, text, sent_at: new Date().toISOString() });
  }

  /** The user took back what they wrote. */
  withdrawn(user, message) {
    return this.post({ type: "withdrawn", from: user, message });
  }

  /** Sign and send one event. Rejects with `Refused`, or as `fetch` does when nobody answers. */
  async post(event) {
    const body = JSON.stringify(event);
    const signed = await this.sign(event.id ?? crypto.randomUUID(), body);
    const headers = { "content-type": "application/json", ...signed };
    const answer = await fetch(this.url, { method: "POST", headers, body });
    if (!answer.ok) throw new Refused(answer.status, await answer.text());
  }

  /** The three headers of Standard Webhooks. */
  async sign(id, body, stamp = Math.floor(Date.now() / 1000)) {
    const told = encoder.encode(`${id}.${stamp}.${body}`);
    const made = new Uint8Array(await crypto.subtle.sign("HMAC", await this.#key, told));
    const signature = `v1,${btoa(String.fromCharCode(...made))}`;
    return { "webhook-id": id, "webhook-timestamp": String(stamp), "webhook-signature": signature };
  }

  /** An event that Sportello posted to your app. Rejects with `BadSignature`. Answer 2xx once it is stored. */
  async read(headers, body) {
    const low = new Map([...(headers.entries?.() ?? Object.entries(headers))].map(([k, v]) => [k.toLowerCase(), v]));
    const id = low.get("webhook-id") ?? "";
    const stamp = Number(low.get("webhook-timestamp") || NaN);
    if (!id || !(Math.abs(Date.now() / 1000 - stamp) <= TOLERANCE)) throw new BadSignature("too old, or not signed");
    const expected = (await this.sign(id, body, stamp))["webhook-signature"];
    const given = (low.get("webhook-signature") ?? "").split(" ");
    if (!given.some((one) => same(one, expected))) throw new BadSignature("the signature does not fit");
    return JSON.parse(body);
  }
}

/** An attachment for `message`; one with a public address is `{ name, type, url }`. */
export function file(name, type, bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { name, type, content: btoa(text) };
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function same(left, right) {
  if (left.length !== right.length) return false;
  let different = 0;
  for (let i = 0; i < left.length; i++) different |= left.charCodeAt(i) ^ right.charCodeAt(i);
  return different === 0;
}
