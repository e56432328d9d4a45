// The rich editor, loaded when somebody asks for it. Few marks: what every mail client shows alike.
import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { el, icon, t } from "./page.ts";

const MARKS: [string, (editor: Editor) => void][] = [
  ["bold", (editor) => editor.chain().focus().toggleBold().run()],
  ["italic", (editor) => editor.chain().focus().toggleItalic().run()],
  ["list", (editor) => editor.chain().focus().toggleBulletList().run()],
  ["list-ordered", (editor) => editor.chain().focus().toggleOrderedList().run()],
  ["text-quote", (editor) => editor.chain().focus().toggleBlockquote().run()],
  ["link", (editor) => {
    const href = prompt(t("link_prompt"), String(editor.getAttributes("link").href ?? "https://"));
    if (href === null) return;
    const chain = editor.chain().focus().extendMarkRange("link");
    if (/^(https?:|mailto:|tel:)/i.test(href) && href !== "https://") chain.setLink({ href }).run();
    else chain.unsetLink().run();
  }],
];

export class Rich {
  private readonly editor: Editor;
  private readonly bar: HTMLElement;
  private readonly place: HTMLElement;

  constructor(box: HTMLElement, text: string, changed: () => void) {
    this.place = el("div", "rich-place");
    this.bar = el("div", "rich-bar");
    this.editor = new Editor({
      element: this.place,
      extensions: [StarterKit.configure({ heading: false, codeBlock: false, horizontalRule: false, link: { openOnClick: false } })],
      editorProps: { attributes: { class: "rich" } },
      injectCSS: false,
      onUpdate: changed,
    });
    this.set(text);
    for (const [name, run] of MARKS) {
      const button = el("button", "btn plain icon", icon(name));
      button.setAttribute("type", "button");
      button.addEventListener("click", () => run(this.editor));
      this.bar.append(button);
    }
    box.prepend(this.bar, this.place);
  }

  set(text: string): void {
    const content = text.split("\n").map((line) => ({ type: "paragraph", content: line ? [{ type: "text", text: line }] : [] }));
    this.editor.commands.setContent({ type: "doc", content }, { emitUpdate: false });
  }
  text(): string {
    return this.editor.getText({ blockSeparator: "\n" });
  }
  html(): string {
    return this.editor.getHTML();
  }
  focus(): void {
    this.editor.commands.focus("end");
  }
  destroy(): void {
    this.editor.destroy();
    this.bar.remove();
    this.place.remove();
  }
}
