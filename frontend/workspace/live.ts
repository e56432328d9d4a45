// The socket: events carry ids only, what they mean is fetched over HTTP. Coming back resumes after the last id seen.
import { $, el, facts, icon, openNumber, openTicket, t } from "./page.ts";
import { recount, touched } from "./list.ts";
import { refreshTicket } from "./ticket.ts";
import { tell } from "./notify.ts";
import { ring } from "./ringing.ts";

interface Person {
  id: number;
  name: string;
  initials: string;
  mode: "viewing" | "typing";
  since: string;
  words: string;
}
interface Frame {
  at?: number;
  event?: number;
  type?: string;
  ticket?: number;
  mine?: boolean;
  presence?: { ticket: number; agents: Person[] };
  typing?: { ticket: number; who: string; words: string };
  ring?: { asked: string };
  resync?: boolean;
  pong?: boolean;
}

let socket: WebSocket | null = null;
let last = 0;
let tries = 0;
let lostAt = 0;
let ticking = 0;
let lively = 0;

const send = (frame: object): void => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
};

export const watch = (): void => {
  const number = openNumber();
  send(number ? { do: "watch", ticket: number } : { do: "leave" });
};

export const typing = (words: string, channel: number | null, stopped = false): void => {
  send({ do: "typing", ticket: openNumber(), words: words.slice(0, 60), channel, stopped });
};

function connect(): void {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (last) url.searchParams.set("after", String(last));
  const made = new WebSocket(url, "sportello.agent.1");
  socket = made;
  made.addEventListener("open", () => {
    tries = 0;
    if (lostAt) back();
    watch();
  });
  made.addEventListener("message", (event) => {
    lively = Date.now();
    hear(JSON.parse(String(event.data)) as Frame);
  });
  made.addEventListener("close", (event) => {
    if (socket !== made) return;
    if (event.code === 4401) return bar(t("sign_in"), false);
    if (!lostAt) lostAt = Date.now();
    clearInterval(ticking);
    ticking = window.setInterval(offline, 1000);
    tries += 1;
    setTimeout(connect, Math.min(15_000, 400 * 2 ** Math.min(tries, 6)) * (0.75 + Math.random() / 2));
  });
}

function hear(frame: Frame): void {
  if (frame.at) last = Math.max(last, frame.at);
  if (frame.event) last = Math.max(last, frame.event);
  if (frame.resync) {
    void refreshTicket();
    recount();
  }
  if (frame.presence && frame.presence.ticket === openNumber()) {
    document.dispatchEvent(new CustomEvent("sportello:presence", { detail: frame.presence.agents.filter((who) => who.id !== facts.agent) }));
  }
  if (frame.typing && frame.typing.ticket === openNumber() && frame.typing.who === "visitor") visitorTypes(frame.typing.words);
  if (frame.ring) void ring(frame.ring.asked);
  if (frame.type && frame.ticket) happened(frame.type, frame.ticket, !!frame.mine);
}

function happened(type: string, number: number, mine: boolean): void {
  touched(number);
  recount();
  if (number === openNumber()) void refreshTicket();
  if (!mine && (document.hidden || number !== openNumber())) void tell(type, number);
}

let hush = 0;
function visitorTypes(words: string): void {
  const line = $("#visitor-typing");
  const text = line && $("span", line);
  if (!line || !text) return;
  text.textContent = words || t("visitor_typing");
  line.hidden = false;
  clearTimeout(hush);
  hush = window.setTimeout(() => (line.hidden = true), 6000);
}

function bar(text: string, good: boolean, help = ""): void {
  const place = $("#connection");
  if (!place) return;
  place.className = `connection${good ? " ok" : ""}`;
  place.replaceChildren(icon(good ? "check" : "wifi-off"), el("b", "medium", text), help);
  place.hidden = false;
}

function offline(): void {
  const seconds = Math.round((Date.now() - lostAt) / 1000);
  // A blink is nobody's business.
  if (seconds >= 3) bar(t("offline", { n: seconds }), false, t("offline_help"));
}

function back(): void {
  clearInterval(ticking);
  const long = Date.now() - lostAt > 3000;
  lostAt = 0;
  const place = $("#connection");
  if (long) {
    bar(t("online"), true);
    setTimeout(() => place && (place.hidden = true), 2500);
  } else if (place) place.hidden = true;
  void refreshTicket();
}

let touchedAt = Date.now();

export function startLive(): void {
  connect();
  // A hand on mouse or keys: who is here needs no mail about what he sees.
  for (const sign of ["pointermove", "keydown", "scroll"]) addEventListener(sign, () => (touchedAt = Date.now()), { passive: true, capture: true });
  document.addEventListener("sportello:opened", watch);
  addEventListener("online", () => socket?.readyState !== WebSocket.OPEN && connect());
  setInterval(() => {
    send({ do: "ping", here: Date.now() - touchedAt < 60_000 });
    if (lively && Date.now() - lively > 70_000) socket?.close();
  }, 25_000);
  // Clocks in words go on: rows and the open ticket once a minute.
  setInterval(() => {
    if (document.hidden) return;
    for (const row of document.querySelectorAll<HTMLElement>("#rows > .row")) {
      const box = row.getBoundingClientRect();
      if (box.top < innerHeight && box.bottom > 0) touched(Number(row.dataset.number));
    }
    if (openTicket()) void refreshTicket();
  }, 60_000);
}
