// Two agents at one ticket: who is looking at it, and the bar that says who is writing.
import { $, el, openTicket, post, t } from "./page.ts";
import { refreshTicket } from "./ticket.ts";
import { problem } from "./toast.ts";

export interface Colleague {
  id: number;
  name: string;
  initials: string;
  mode: string;
  since: string;
  words: string;
}

export class Collision {
  private writer: Colleague | null = null;
  private counting = 0;

  constructor(private readonly host: HTMLElement) {}

  presence(agents: Colleague[]): void {
    $(".viewers", this.host)?.replaceChildren(...agents.map((agent) => face(agent, t("viewing", { who: agent.name }))));
    this.writer = agents.find((agent) => agent.mode === "typing") ?? null;
    clearInterval(this.counting);
    if (this.writer) this.counting = window.setInterval(() => this.show(), 1000);
    this.show();
  }

  async take(): Promise<void> {
    const form = new FormData();
    form.set("assignee", "me");
    const response = await post(`/app/tickets/${this.host.dataset.number}/do/assign`, form).catch(() => null);
    if (!response?.ok) problem(t("failed"));
    else void refreshTicket();
  }

  stop(): void {
    clearInterval(this.counting);
  }

  private show(): void {
    const bar = $(".collision", this.host);
    const words = bar && $(".words", bar);
    const who = this.writer;
    if (!bar || !words) return;
    bar.hidden = !who;
    if (!who) return;
    $(".av", bar)?.replaceWith(face(who, who.name));
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(who.since)) / 1000));
    words.replaceChildren(el("b", "medium", t("typing", { who: who.name })), ` ${t("on_for", { n: seconds })}${who.words ? `: «${who.words}»` : ""}`);
    const take = $("[data-take]", bar);
    if (take) take.hidden = openTicket()?.dataset.mine === "1";
  }
}

const face = (who: Colleague, title: string): HTMLElement => {
  const made = el("span", "av", who.initials);
  made.title = title;
  return made;
};
