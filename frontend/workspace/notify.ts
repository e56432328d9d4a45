// Notifications of the browser: only for those who asked, only for what is theirs, never with a customer's words.
import { facts, piece, t } from "./page.ts";
import { visit } from "./list.ts";

// What may be behind a fact, and the list that holds the ticket if it is so; the first that fits is said.
const BEHIND: Record<string, string[]> = {
  message_received: ["answer", "followed"],
  message_sent: ["followed"],
  note_added: ["mention", "followed"],
  ticket_assigned: ["assigned"],
  ticket_opened: ["opened"],
};
const lists = (kind: string): string[] =>
  kind === "opened" ? facts.teams.map((team) => `team-${team}`) : [{ mention: "mentions", followed: "followed" }[kind] ?? "mine"];

export async function tell(type: string, number: number): Promise<void> {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  for (const kind of BEHIND[type] ?? []) {
    if (!facts.notify.includes(kind)) continue;
    for (const list of lists(kind)) {
      const { html } = await piece(`/app/inbox/${list}/rows?numbers=${number}`).catch(() => ({ html: "" }));
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const name = holder.content.querySelector(".name")?.textContent;
      if (name) return show(kind, number, name);
    }
  }
}

function show(kind: string, number: number, name: string): void {
  const shown = new Notification(t(`notify_${kind}`), { body: `n. ${number} ${name}`, tag: `ticket-${number}` });
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
    visit(`/app/tickets/${number}`);
  });
}
