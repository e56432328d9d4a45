// Files of an answer: by button, paste or drop; each goes up at once and waits, bound to this agent.
import { $, $$, el, icon, post, t } from "./page.ts";
import { problem } from "./toast.ts";

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
  restore(kept: { key: string; name: string }[]): void {
    this.clear();
    for (const { key, name } of kept) {
      const chip = el("span", "attach");
      this.fill(chip, key, name);
      $(".files", this.host)?.append(chip);
    }
  }

  private fill(chip: HTMLElement, key: string, name: string): void {
    const remove = el("button", "", "×");
    remove.setAttribute("type", "button");
    remove.title = t("remove");
    remove.setAttribute("aria-label", `${t("remove")}: ${name}`);
    chip.replaceChildren(icon("paperclip", "s"), name, remove);
    chip.dataset.key = key;
  }

  private add(files: File[]): void {
    const way = $<HTMLInputElement>("[name=channel]:checked", this.host);
    const most = Number(way?.dataset.files ?? 0) || 25 * 1024 * 1024;
    for (const file of files) {
      if (file.size > most) problem(t("too_big", { name: file.name }));
      else void this.upload(file);
    }
  }

  private async upload(file: File): Promise<void> {
    const chip = el("span", "attach busy", icon("paperclip", "s"), `${file.name} · ${t("uploading")}`);
    $(".files", this.host)?.append(chip);
    const form = new FormData();
    form.set("file", file);
    const response = await post(this.host.dataset.upload ?? "", form).catch(() => null);
    const answer = (await response?.json().catch(() => null)) as { key?: string; why?: string } | null;
    if (!response?.ok || !answer?.key) {
      chip.remove();
      return problem(answer?.why ?? t("failed"));
    }
    this.fill(chip, answer.key, file.name);
    chip.classList.remove("busy");
    this.changed();
  }
}
