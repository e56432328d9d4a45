/* Files on their way up: they leave at once and are bound to the message that is sent next. */
import type { Chat } from "./chat";
import { h, icon, iconButton } from "./dom";
import type { Strings } from "./strings";
import { size } from "./times";
import type { Say } from "./types";

const LARGEST = 10 * 1024 * 1024;
const MOST = 10;

type Up = Say["files"][number];

export class Uploads {
  readonly element = h("div", { class: "tray", hidden: true });
  private ready: Up[] = [];
  private running = 0;

  constructor(private readonly chat: Chat, private readonly t: Strings, private readonly changed: () => void) {}

  get busy(): boolean {
    return this.running > 0;
  }

  get any(): boolean {
    return this.ready.length > 0;
  }

  take(): Up[] {
    const files = this.ready;
    this.ready = [];
    this.element.replaceChildren();
    this.element.hidden = true;
    return files;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      if (this.ready.length + this.running >= MOST) return;
      this.element.hidden = false;
      if (file.size > LARGEST) this.fail(this.t.tooLarge(file.name));
      else this.upload(file);
    }
  }

  private upload(file: File): void {
    const bar = h("progress", { max: 100, value: 0, "aria-label": `${this.t.uploading} ${file.name}` });
    const chip = h("div", { class: "up" }, icon("file"), h("span", { class: "grow" }, file.name, h("small", {}, size(file.size, this.chat.language))), bar);
    this.element.append(chip);
    this.running += 1;
    this.changed();
    const request = new XMLHttpRequest();
    request.open("POST", `${this.chat.options.base}/widget/${this.chat.options.channel}/files`);
    const { visitor, token } = this.chat.store.kept;
    request.setRequestHeader("X-Sportello-Visitor", visitor ?? "");
    request.setRequestHeader("X-Sportello-Token", token ?? "");
    request.upload.onprogress = (event) => (bar.value = event.lengthComputable ? (event.loaded / event.total) * 95 : 0);
    request.onloadend = () => {
      this.running -= 1;
      bar.remove();
      if (request.status === 201) this.keep(chip, { ...(JSON.parse(request.responseText) as Up) });
      else {
        chip.remove();
        this.fail(request.status === 429 ? this.t.tooMany : request.status === 415 ? this.t.wrongType(file.name) : this.t.uploadFailed(file.name));
      }
      this.changed();
    };
    const body = new FormData();
    body.append("file", file, file.name);
    request.send(body);
  }

  private keep(chip: HTMLElement, up: Up): void {
    this.ready.push(up);
    chip.append(iconButton("close", this.t.remove(up.name), () => {
      this.ready = this.ready.filter((other) => other.key !== up.key);
      chip.remove();
      this.element.hidden = !this.element.childElementCount;
      this.changed();
    }));
  }

  private fail(words: string): void {
    const line = h("p", { class: "error", role: "alert" }, icon("alert", 14), words);
    this.element.append(line);
    setTimeout(() => {
      line.remove();
      this.element.hidden = !this.element.childElementCount;
    }, 8_000);
  }
}
