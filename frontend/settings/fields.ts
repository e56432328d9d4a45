// Small courtesies of forms: reveal what is typed, copy what is shown. Everything works without them.

/** Buttons with `data-reveal="<input id>"` show a secret while it is being typed. */
function reveal(button: HTMLButtonElement): void {
  const input = document.getElementById(button.dataset.reveal ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
}

/** Buttons with `data-copy="<id>"` copy a value and say so in place. */
async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  const text = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement ? source.value : (source.textContent ?? "");
  await navigator.clipboard.writeText(text.trim());
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => (label.textContent = before), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[data-reveal], button[data-copy]") : null;
  if (button?.dataset.reveal) reveal(button);
  else if (button?.dataset.copy) void copy(button);
});
