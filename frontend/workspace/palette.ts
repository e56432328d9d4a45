// Ctrl-K: tickets of this page at once, then what the server finds; ">" only commands, "@" people.
import { $, $$, el, icon, later, t } from "./page.ts";
import { commands } from "./commands.ts";
import { visit } from "./list.ts";
import { composer } from "./composer.ts";
import { Suggest } from "./suggest.ts";

interface Item {
  icon: string;
  text: string;
  hint?: string;
  href?: string;
  reply?: string;
  kbd?: string[];
  run?: () => void;
}
interface Group {
  title: string;
  items: Item[];
}

const dialog = (): HTMLDialogElement | null => $<HTMLDialogElement>("#palette");
const field = (): HTMLInputElement | null => $<HTMLInputElement>("#palette-q");
const soon = later(120);
let asked = 0;

export function openPalette(start = ""): void {
  const input = field();
  if (!input || dialog()?.open) return;
  input.value = start;
  dialog()?.showModal();
  input.select();
  search();
}

function onPage(q: string): Group {
  const low = q.toLowerCase();
  const items = $$("#rows > .row")
    .filter((row) => low && row.textContent.toLowerCase().includes(low))
    .slice(0, 5)
    .map((row) => ({
      icon: "inbox",
      text: $(".what", row)?.textContent ?? "",
      hint: `${$(".name", row)?.textContent ?? ""}, n. ${row.dataset.number}`,
      href: `/app/tickets/${row.dataset.number}`,
    }));
  return { title: t("tickets"), items };
}

function onKeys(q: string): Group {
  const low = q.replace(/^>\s*/, "").toLowerCase();
  return { title: t("commands"), items: commands().filter((command) => command.text.toLowerCase().includes(low)).slice(0, q.startsWith(">") || !q ? 12 : 4) };
}

function search(): void {
  const q = field()?.value.trim() ?? "";
  const local = q.startsWith(">") ? [] : [onPage(q)];
  draw([...local, onKeys(q)], q);
  if (!q || q.startsWith(">")) return;
  const ask = (asked += 1);
  soon(async () => {
    const response = await fetch(`/app/find?q=${encodeURIComponent(q)}`).catch(() => null);
    if (!response?.ok || ask !== asked) return;
    const { groups } = (await response.json()) as { groups: Group[] };
    draw([...groups, onKeys(q)], q);
  });
}

function draw(groups: Group[], q: string): void {
  const results = $("#palette-res");
  if (!results) return;
  const shown = groups.filter((group) => group.items.length);
  const nodes = shown.flatMap((group) => [el("div", "head", group.title), ...group.items.map((item) => line(item, q))]);
  if (q && !q.startsWith(">") && !q.startsWith("@")) {
    nodes.push(line({ icon: "search", text: t("search_all", { q }), href: `/app/inbox/all?q=${encodeURIComponent(q)}` }, ""));
  }
  results.replaceChildren(...(nodes.length ? nodes : [el("p", "none", t("nothing"))]));
  mark(0);
}

function line(item: Item, q: string): HTMLElement {
  const end = el("span", "r", item.hint ?? "");
  for (const key of item.kbd ?? []) end.append(el("kbd", "", key));
  const made = el("div", "it", icon(item.icon), marked(item.text, q), end);
  made.setAttribute("role", "option");
  made.addEventListener("mousemove", () => mark($$("#palette-res .it").indexOf(made)));
  made.addEventListener("click", () => choose(item));
  return made;
}

/** The text with what was typed in bold; built from nodes, never from markup. */
function marked(text: string, q: string): HTMLElement {
  const at = q ? text.toLowerCase().indexOf(q.toLowerCase()) : -1;
  if (at < 0) return el("span", "clip", text);
  return el("span", "clip", text.slice(0, at), el("mark", "", text.slice(at, at + q.length)), text.slice(at + q.length));
}

function choose(item: Item): void {
  dialog()?.close();
  if (item.run) item.run();
  else if (item.reply) {
    const writing = composer();
    if (writing) void new Suggest(writing).takeByName(item.reply);
  } else if (item.href) visit(item.href);
}

function mark(at: number): void {
  for (const [index, item] of $$("#palette-res .it").entries()) {
    item.classList.toggle("is-on", index === at);
    if (index === at) item.scrollIntoView({ block: "nearest" });
  }
}

export function startPalette(): void {
  field()?.addEventListener("input", search);
  field()?.addEventListener("keydown", (event) => {
    const items = $$("#palette-res .it");
    const at = items.findIndex((item) => item.matches(".is-on"));
    if (event.key === "ArrowDown") mark((at + 1) % items.length);
    else if (event.key === "ArrowUp") mark((at + items.length - 1) % items.length);
    else if (event.key === "Enter") items[at]?.click();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-palette]")) openPalette();
    if (target === dialog()) dialog()?.close();
    if (target.closest("[data-keys]")) $<HTMLDialogElement>("#keysheet")?.showModal();
    if (target.matches("#keysheet")) $<HTMLDialogElement>("#keysheet")?.close();
  });
}
