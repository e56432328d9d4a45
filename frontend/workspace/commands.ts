// What the desk can be told to do: by a key, from the palette, by a button.
import { $, openNumber, openTicket, post, t } from "./page.ts";
import { composer } from "./composer.ts";
import { after, takeNext, visit } from "./list.ts";
import { openMenu } from "./menus.ts";
import { refreshTicket } from "./ticket.ts";
import { problem, toast } from "./toast.ts";
import type { Ways } from "./ways.ts";

interface Command {
  icon: string;
  text: string;
  kbd: string[];
  run: () => void;
}

/** On a phone the ticket may lie behind the list: no key touches what nobody sees. */
const inSight = (): boolean => !!openTicket()?.getClientRects().length;

export const press = (key: string): void => {
  if (!inSight()) return;
  const button = $<HTMLElement>(`#ticket [data-key="${key}"], #side [data-key="${key}"]`);
  if (button) void openMenu(button);
};

/** Done with this one: the next ticket of the list opens, and ten seconds are left to change one's mind. */
export async function solve(): Promise<void> {
  const number = openNumber();
  if (!number || !$("#solve") || !inSight()) return;
  const next = after(number);
  const was = openTicket()?.dataset.status ?? "open";
  const done = await status(number, "solved");
  if (!done) return problem(t("failed"));
  toast(t("solved", { n: number }), { seconds: 10, action: () => void status(number, was === "new" ? "open" : was).then(() => visit(`/app/tickets/${number}`)) });
  if (next instanceof HTMLAnchorElement) visit(next.getAttribute("href") ?? "");
  else await refreshTicket();
}

async function status(number: number, value: string): Promise<boolean> {
  const form = new FormData();
  form.set("status", value);
  const response = await post(`/app/tickets/${number}/do/set_status`, form).catch(() => null);
  return !!response?.ok;
}

/** The answer leaves another way: the hand stays where it writes. */
export function switchWay(turn: (ways: Ways) => boolean): void {
  const place = composer();
  if (!place || !inSight() || place.note) return;
  turn(place.ways);
  place.focusIn();
}

export const go = (view: string) => (): void => void (location.href = `/app/inbox/${view}`);

export const commands = (): Command[] => [
  ...(openNumber()
    ? [
        { icon: "message-square", text: t("cmd_reply"), kbd: ["R"], run: () => composer()?.focusIn("reply") },
        { icon: "lock", text: t("cmd_note"), kbd: ["N"], run: () => composer()?.focusIn("note") },
        { icon: "send", text: t("cmd_switch"), kbd: ["C"], run: () => switchWay((ways) => ways.next(1)) },
        { icon: "check", text: t("cmd_solve"), kbd: ["E"], run: () => void solve() },
        { icon: "user-round", text: t("cmd_assign"), kbd: ["A"], run: () => press("a") },
        { icon: "alarm-clock", text: t("cmd_snooze"), kbd: ["H"], run: () => press("h") },
        { icon: "tag", text: t("cmd_tag"), kbd: ["L"], run: () => press("l") },
        { icon: "merge", text: t("cmd_merge"), kbd: ["M"], run: () => press("m") },
      ]
    : []),
  { icon: "inbox", text: t("cmd_mine"), kbd: ["G", "M"], run: go("mine") },
  { icon: "circle-dashed", text: t("cmd_unassigned"), kbd: ["G", "U"], run: go("unassigned") },
  { icon: "mails", text: t("cmd_all"), kbd: ["G", "A"], run: go("all") },
  { icon: "at-sign", text: t("cmd_mentions"), kbd: ["G", "@"], run: go("mentions") },
  { icon: "user-round-plus", text: t("cmd_next"), kbd: ["␣"], run: () => void takeNext() },
  { icon: "keyboard", text: t("cmd_keys"), kbd: ["?"], run: () => $<HTMLDialogElement>("#keysheet")?.showModal() },
  ...((openNumber() && composer()?.ways.usable) || []).map((way, at) => ({ icon: "send", text: t("answer_by", { channel: way.dataset.name ?? "" }), kbd: ["Alt", String(at + 1)], run: () => switchWay((ways) => ways.choose(way)) })),
];
