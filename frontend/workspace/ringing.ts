// A telephone rings: who it is, fetched under the agent's own rights, stays in a corner until opened or closed.
import { $, piece } from "./page.ts";

const SECONDS = 60;
let ending = 0;

export async function ring(asked: string): Promise<void> {
  const floor = $("#ringing");
  const { html } = await piece(`/app/pop/card?${asked}`).catch(() => ({ html: "" }));
  if (!floor || !html) return;
  floor.innerHTML = html;
  $("[data-hang-up]", floor)?.addEventListener("click", () => floor.replaceChildren());
  clearTimeout(ending);
  ending = window.setTimeout(() => floor.replaceChildren(), SECONDS * 1000);
}
