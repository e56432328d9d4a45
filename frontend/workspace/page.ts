// What the server told this page, and how the page talks back.
export interface Facts {
  agent: number;
  keys: boolean;
  notify: string[];
  teams: number[];
  t: Record<string, string>;
}

const script = document.getElementById("sportello");
export const facts: Facts = JSON.parse(script?.textContent ?? '{"agent":0,"keys":true,"notify":[],"teams":[],"t":{}}');

export const t = (key: string, values: Record<string, string | number> = {}): string =>
  (facts.t[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export const $ = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E | null =>
  root.querySelector<E>(selector);
export const $$ = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] => [
  ...root.querySelectorAll<E>(selector),
];

export const app = (): HTMLElement => $("#app") ?? document.body;
export const openTicket = (): HTMLElement | null => $("#ticket[data-number]");
export const openNumber = (): number => Number(openTicket()?.dataset.number ?? 0);

const csrf = (): string => $<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";

export function post(url: string, body: FormData | URLSearchParams, keepalive = false): Promise<Response> {
  return fetch(url, { method: "POST", body, keepalive, headers: { "X-CSRFToken": csrf(), Accept: "application/json" } });
}

export async function piece(url: string): Promise<{ html: string; response: Response }> {
  const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Request-Type": "partial" } });
  if (!response.ok) throw new Error(String(response.status));
  return { html: await response.text(), response };
}

export function icon(name: string, size = ""): SVGSVGElement {
  const sprite = $<SVGUseElement>("use")?.getAttribute("href")?.split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `i ${size}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** An element with classes and children; text is text, never markup. */
export function el(tag: string, classes = "", ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children);
  return made;
}

export const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

export const later = (milliseconds: number): ((run: () => void) => void) => {
  let timer = 0;
  return (run) => {
    clearTimeout(timer);
    timer = window.setTimeout(run, milliseconds);
  };
};
