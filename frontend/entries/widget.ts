/* The loader behind /widget.js: a bubble and a function. Everything else comes when somebody opens it.
   It imports types only, so that it stays one small file, and it leaves nothing global but `Sportello`. */
import type { Face, Mounted, Start } from "../widget/types";

(() => {
  const script =
    (document.currentScript as HTMLScriptElement | null) ??
    document.querySelector<HTMLScriptElement>('script[src*="/widget.js"][data-channel]');
  const channel = script?.dataset.channel ?? "";
  if (!script || !/^[0-9a-f]{32}$/.test(channel) || document.querySelector("sportello-chat")) return;
  const base = new URL(script.src).origin;
  const { dataset } = script;

  type Call = [string, ...unknown[]];
  const before = (window as { Sportello?: { q?: ArrayLike<unknown>[] } }).Sportello;
  const calls: Call[] = (before?.q ?? []).map((call) => Array.from(call) as Call);
  let face: Face | undefined;
  let mounted: Mounted | undefined;
  let loading: Promise<void> | undefined;

  const host = document.createElement("sportello-chat");
  host.style.cssText = "position:fixed;z-index:2147483000;width:0;height:0;inset:auto 0 0 auto";
  const root = host.attachShadow({ mode: "open" });
  const bubble = document.createElement("button");
  bubble.type = "button";
  bubble.className = "bubble";
  bubble.innerHTML =
    '<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719"/></svg><span class="n" hidden></span>';

  const language = (): "it" | "en" => {
    const wanted = dataset.lang ?? (document.documentElement.lang || navigator.language || face?.language);
    return /^it/i.test(wanted ?? "it") ? "it" : "en";
  };

  const theme = (): string => {
    if (dataset.theme === "light" || dataset.theme === "dark") return dataset.theme;
    const page = getComputedStyle(document.documentElement).colorScheme;
    return dataset.theme === "auto" || /dark/.test(page) ? (page === "dark" ? "dark" : "light dark") : "light";
  };

  const luminance = (hex: string): number => {
    const part = (at: number): number => {
      const c = parseInt(hex.slice(at, at + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };

  const dress = (colour: string, side: string): void => {
    const on = 1.05 / (luminance(colour) + 0.05) >= 4.5 ? "#fff" : "#1a1a17";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:host{all:initial;color-scheme:${theme()};--brand:${colour};--on-brand:${on}}
@media(prefers-reduced-motion:no-preference){.bubble{transition:transform 90ms,opacity 160ms}.bubble:active{transform:scale(.96)}}
.bubble{all:unset;box-sizing:border-box;position:fixed;${side}:24px;bottom:24px;width:56px;height:56px;border-radius:50%;background:var(--brand);color:var(--on-brand);display:grid;place-items:center;cursor:pointer;box-shadow:0 0 0 1px rgb(0 0 0/.08),0 4px 12px -2px rgb(0 0 0/.28);-webkit-tap-highlight-color:transparent}
.bubble:focus-visible{outline:2px solid var(--brand);outline-offset:3px;box-shadow:0 0 0 2px #fff}
.bubble[aria-busy=true]{opacity:.75}.bubble[hidden],.n[hidden]{display:none}
.n{position:absolute;top:-2px;right:-2px;min-width:20px;box-sizing:border-box;padding:0 5px;height:20px;border-radius:10px;background:#b3261e;color:#fff;font:600 12px/20px system-ui,sans-serif;text-align:center}
@media(max-width:639px){.bubble{${side}:16px;bottom:16px}}`);
    root.adoptedStyleSheets = [sheet];
  };

  const load = (): Promise<void> =>
    (loading ??= (async () => {
      bubble.setAttribute("aria-busy", "true");
      try {
        const app = (await import(base + face!.app)) as { start: Start };
        mounted = app.start({ root, bubble, base, channel, face: face!, language: language() });
        for (const call of calls.splice(0)) mounted.call(...call);
      } catch (error) {
        loading = undefined;
        console.warn("Sportello: the chat could not be loaded.", error);
      } finally {
        bubble.removeAttribute("aria-busy");
      }
    })());

  const call = (...args: Call): void => {
    if (mounted) return mounted.call(...args);
    calls.push(args);
    if (args[0] === "open" && face) void load();
  };

  const talking = (): boolean => {
    try {
      return JSON.parse(localStorage.getItem(`sportello:${channel}`) ?? "{}").talking === true;
    } catch {
      return false;
    }
  };

  const appear = async (): Promise<void> => {
    const answer = await fetch(`${base}/widget/${channel}/config`, { credentials: "omit" });
    if (!answer.ok) return;
    face = (await answer.json()) as Face;
    bubble.setAttribute("aria-label", language() === "it" ? `Apri la chat con ${face.brand}` : `Open the chat with ${face.brand}`);
    dress(/^#[0-9a-f]{6}$/i.test(face.colour) ? face.colour : "#335a43", face.side === "left" ? "left" : "right");
    bubble.addEventListener("click", () => {
      if (!mounted) call("open");
    });
    bubble.addEventListener("pointerenter", () => void load(), { once: true });
    root.append(bubble);
    (document.body ?? document.documentElement).append(host);
    if (talking() || calls.some(([verb]) => verb === "open")) void load();
  };

  Object.assign(window, { Sportello: call });
  if (document.body) void appear().catch(() => undefined);
  else addEventListener("DOMContentLoaded", () => void appear().catch(() => undefined), { once: true });
})();
