// The rich editor, loaded when somebody asks for it. Few marks: what every mail client shows alike.
import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { el, icon, t } from "./page.ts";

/** Icon, its word, the mark that is on when the button looks pressed, what a press does. */
const MARKS: [string, string, string, (editor: Editor) => void][] = [
  ["bold", "bold", "bold", (editor) => editor.chain().focus().toggleBold().run()],
  ["italic", "italic", "italic", (editor) => editor.chain().focus().toggleItalic().run()],
  ["list", "list", "bulletList", (editor) => editor.chain().focus().toggleBulletList().run()],
  ["list-ordered", "numbers", "orderedList", (editor) => editor.chain().focus().toggleOrderedList().run()],
  ["text-quote", "quote", "blockquote", (editor) => editor.chain().focus().toggleBlockquote().run()],
  ["link", "link", "link", (editor) => {
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

  constructor(box: HTMLElement, area: HTMLTextAreaElement, changed: () => void) {
    this.place = el("div", "rich-place");
    this.bar = el("div", "rich-bar");
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", t("rich"));
    this.editor = new Editor({
      element: this.place,
      extensions: [StarterKit.configure({ heading: false, codeBlock: false, horizontalRule: false, link: { openOnClick: false } })],
      editorProps: { attributes: { class: "rich", role: "textbox", "aria-multiline": "true", "aria-label": area.getAttribute("aria-label") ?? "" } },
      injectCSS: false,
      onUpdate: changed,
    });
    this.set(area.value);
    const marks: [HTMLElement, string][] = [];
    for (const [name, word, mark, run] of MARKS) {
      const button = el("button", "btn plain icon", icon(name));
      button.setAttribute("type", "button");
      button.title = t(`rich_${word}`);
      button.setAttribute("aria-label", button.title);
      marks.push([button, mark]);
      button.addEventListener("click", () => run(this.editor));
      this.bar.append(button);
    }
    // A press on the bar leaves the caret where it is: what is typed right after it goes on there.
    this.bar.addEventListener("mousedown", (event) => event.preventDefault());
    const show = (): void => {
      for (const [button, mark] of marks) button.setAttribute("aria-pressed", String(this.editor.isActive(mark)));
    };
    this.editor.on("transaction", show);
    show();
    box.prepend(this.bar, this.place);
  }

  /** What was kept, with its shape; the editor's own schema drops whatever it does not know. */
  setHtml(html: string): void {
    this.editor.commands.setContent(html, { emitUpdate: false });
  }

  set(text: string): void {
    const content = text.split("\n").map((line) => ({ type: "paragraph", content: line ? [{ type: "text", text: line }] : [] }));
    this.editor.commands.setContent({ type: "doc", content }, { emitUpdate: false });
  }
  /** The first line changes: what stood there goes, what is wanted comes; the rest keeps its shape. */
  lead(was: string, now: string): void {
    const { doc } = this.editor.state;
    let end = 0;
    if (was && doc.firstChild?.textContent === was) {
      end = doc.firstChild.nodeSize;
      const gap = doc.maybeChild(1);
      if (gap && !gap.textContent) end += gap.nodeSize;
    }
    const lines = now ? [{ type: "paragraph", content: [{ type: "text", text: now }] }, { type: "paragraph" }] : [];
    const empty = end >= doc.content.size;
    if (empty) this.editor.commands.setContent({ type: "doc", content: lines.length ? lines : [{ type: "paragraph" }] });
    else if (end) this.editor.chain().deleteRange({ from: 0, to: end }).insertContentAt(0, lines).run();
    else if (lines.length) this.editor.commands.insertContentAt(0, lines);
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
