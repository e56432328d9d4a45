// Notifications of the browser: only for those who asked, only for what is theirs, never with a customer's words.
import { facts, piece, t } from "./page.ts";
import { visit } from "./list.ts";

export async function tell(number: number): Promise<void> {
  if (!facts.notify || !("Notification" in window) || Notification.permission !== "granted") return;
  const { html } = await piece(`/app/inbox/mine/rows?numbers=${number}`).catch(() => ({ html: "" }));
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const name = holder.content.querySelector(".name")?.textContent;
  if (!name) return;
  const shown = new Notification(t("notify_title"), { body: `n. ${number} ${name}`, tag: `ticket-${number}` });
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
    visit(`/app/tickets/${number}`);
  });
}
