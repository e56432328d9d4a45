/* Times as people say them, in the reader's zone. */
import type { Strings } from "./strings";
import type { Hours, Language } from "./types";

export function clock(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

export function exact(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }).format(new Date(at));
}

function dayOf(date: Date): number {
  return Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime() / 86_400_000);
}

/** “today”, “tomorrow”, a weekday within six days, else a date. */
export function day(at: string, language: Language, t: Strings): string {
  const date = new Date(at);
  const away = dayOf(date) - dayOf(new Date());
  if (away === 0) return t.today;
  if (away === 1) return t.tomorrow;
  if (away > 1 && away < 7) return new Intl.DateTimeFormat(language, { weekday: "long" }).format(date);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long" }).format(date);
}

export function opening(hours: Hours, language: Language, t: Strings): string {
  if (!hours.open) {
    return hours.opens ? t.closedUntil(`${day(hours.opens, language, t)} ${t.at} ${clock(hours.opens, language)}`) : t.closed;
  }
  return hours.until && day(hours.until, language, t) === t.today ? t.openUntil(clock(hours.until, language)) : t.answersSoon;
}

export function size(bytes: number, language: Language): string {
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, "MB"] : [Math.max(1, bytes / 1e3), "kB"];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: unit === "MB" ? 1 : 0 }).format(value)} ${unit}`;
}

/** s•••@posta.example: enough to recognise one's own address. */
export function masked(address: string): string {
  return address.replace(/^(.).*@/, "$1•••@");
}
