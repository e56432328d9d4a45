// Files of an answer: by button, paste or drop; each goes up at once and waits, bound to this agent.
import { $, $$, el, icon, post, t } from "./page.ts";
import { problem } from "./toast.ts";

/** A file as the server keeps it. */
export interface Stored {
  key: string;
  name: string;
  type?: string;
  size?: number;
  /** What stands in it that should not lie about: it leaves as it is. */
  warning?: string;
}

/** On channels that carry each file as a message of its own. */
const AT_ONCE = 10;
const LARGEST = 25 * 1024 * 1024;

export class Files {
  constructor(
    private readonly host: HTMLElement,
    private readonly changed: () => void,
  ) {
    const input = $<HTMLInputElement>("input[type=file]", host);
    host.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-attach]")) input?.click();
      const remove = target.closest(".files button");
      if (remove) {
        remove.closest(".attach")?.remove();
        this.changed();
      }
    });
    input?.addEventListener("change", () => {
      this.add([...(input.files ?? [])]);
      input.value = "";
    });
    host.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) {
        event.preventDefault();
        this.add(files);
      }
    });
    host.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      host.classList.add("dropping");
    });
    host.addEventListener("dragleave", () => host.classList.remove("dropping"));
    host.addEventListener("drop", (event) => {
      host.classList.remove("dropping");
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
  }

  keys(): string[] {
    return $$(".files .attach", this.host).map((chip) => chip.dataset.key ?? "").filter(Boolean);
  }

  busy(): boolean {
    return !!$(".files .busy", this.host);
  }

  clear(): void {
    $(".files", this.host)?.replaceChildren();
  }

  /** Those that the server still keeps for this agent. */
  restore(kept: Stored[]): void {
    this.clear();
    for (const file of kept) {
      const chip = el("span", "attach");
      this.fill(chip, file);
      $(".files", this.host)?.append(chip);
    }
  }

  /** What this way would not take, as a sentence; the files meant are marked. */
  misfit(way: HTMLInputElement | null): string {
    const chips = $$(".files .attach", this.host).filter((chip) => chip.dataset.key);
    const channel = way?.dataset.name ?? "";
    for (const chip of chips) chip.classList.remove("bad");
    if (!way || !chips.length) return "";
    if (way.dataset.files === undefined) return t("no_files", { channel });
    const wrong = chips.map((chip) => [chip, this.wrong(chip, way, channel)] as const).filter(([, why]) => why);
    for (const [chip] of wrong) chip.classList.add("bad");
    if (wrong[0]) return wrong[0][1];
    const packs = way.dataset.packs !== undefined;
    const sum = chips.reduce((all, chip) => all + Number(chip.dataset.size ?? 0), 0);
    const most = Number(way.dataset.files);
    if (packs && most && sum > most) return t("file_too_big", { name: chips.map((chip) => chip.dataset.name).join(", "), channel, size: megabytes(most) });
    return !packs && chips.length > AT_ONCE ? t("too_many_files", { channel, n: AT_ONCE }) : "";
  }

  private wrong(chip: HTMLElement, way: HTMLInputElement, channel: string): string {
    const { name = "", type = "", size = "0" } = chip.dataset;
    const among = (kinds = ""): boolean => kinds.split(" ").some((one) => one === type || (one.endsWith("/*") && type.startsWith(one.slice(0, -1))));
    if (!type || among(way.dataset.reshapes)) return ""; // the server makes it fit when it leaves
    if (way.dataset.media && !among(way.dataset.media)) return t("wrong_kind", { channel, name });
    const most = Number(way.dataset.files);
    return most && Number(size) > most ? t("file_too_big", { name, channel, size: megabytes(most) }) : "";
  }

  private fill(chip: HTMLElement, { key, name, type = "", size = 0, warning = "" }: Stored): void {
    const remove = el("button", "", "×");
    remove.setAttribute("type", "button");
    remove.title = t("remove");
    remove.setAttribute("aria-label", `${t("remove")}: ${name}`);
    const said = warning ? [el("span", "warning", warning)] : [];
    chip.classList.toggle("risky", !!warning);
    chip.replaceChildren(icon(warning ? "triangle-alert" : "paperclip", "s"), name, ...said, remove);
    Object.assign(chip.dataset, { key, name, type, size: String(size) });
  }

  private add(files: File[]): void {
    for (const file of files) {
      if (file.size > LARGEST) problem(t("too_big", { name: file.name }));
      else void this.upload(file);
    }
  }

  private async upload(file: File): Promise<void> {
    const chip = el("span", "attach busy", icon("paperclip", "s"), `${file.name} · ${t("uploading")}`);
    $(".files", this.host)?.append(chip);
    const form = new FormData();
    form.set("file", file);
    const response = await post(this.host.dataset.upload ?? "", form).catch(() => null);
    const answer = (await response?.json().catch(() => null)) as (Stored & { why?: string }) | null;
    if (!response?.ok || !answer?.key) {
      chip.remove();
      return problem(answer?.why ?? t("failed"));
    }
    this.fill(chip, { ...answer, name: file.name });
    chip.classList.remove("busy");
    this.changed();
  }
}

const megabytes = (bytes: number): string => String(Math.round(bytes / 100_000) / 10);
