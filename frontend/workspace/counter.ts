// What is left of the room a channel gives; for text messages: how many, in which alphabet, at what price, and how they are cut.
import { $, el, t } from "./page.ts";
import { plainer, size } from "./segments.ts";

export class Counter {
  constructor(private readonly host: HTMLElement) {}

  show(text: string, way: HTMLInputElement | null): void {
    const place = $(".count", this.host);
    const most = Number(way?.dataset.max ?? 0);
    if (!place) return;
    const left = most - text.length;
    const over = most > 0 && left < 0;
    place.classList.toggle("over", over);
    const parts = !!way && way.dataset.parts !== undefined && !!text;
    place.textContent = over ? t("too_long", { n: -left }) : parts ? this.airtime(text, way.dataset.cost) : !most || left > most * 0.2 ? "" : t("left", { n: left });
    this.cut(parts ? text : "");
  }

  plain(text: string): string {
    return plainer(text);
  }

  private airtime(text: string, cost = ""): string {
    const { encoding, units, room, parts } = size(text);
    const [amount = "", currency = ""] = cost.split(" ");
    const price = amount ? money(Number(amount) * parts.length, currency) : "";
    return [t("parts", { n: parts.length }), encoding, `${units}/${room}`, price && t("parts_money", { money: price })].filter(Boolean).join(" · ");
  }

  private cut(text: string): void {
    const place = $(".parts", this.host);
    const bar = place && $(".foreign", place);
    const details = place && $("details", place);
    if (!place || !bar || !details) return;
    const { foreign, parts } = size(text);
    bar.hidden = !foreign.length;
    const words = $("span", bar);
    if (words) words.textContent = t("foreign", { chars: foreign.slice(0, 8).map((one) => `“${one}”`).join(" ") });
    const plain = $("[data-plain]", bar);
    if (plain) plain.hidden = plainer(text) === text;
    details.hidden = parts.length < 2;
    const summary = $("summary", details);
    if (summary) summary.textContent = t("parts_shown");
    $("ol", details)?.replaceChildren(...parts.map((part) => el("li", "", part)));
    place.hidden = bar.hidden && details.hidden;
  }
}

export function money(amount: number, currency: string): string {
  const digits = amount >= 0.01 ? 2 : 4;
  return new Intl.NumberFormat(document.documentElement.lang || "en", { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount);
}
