/* A small board of emoji: arrows move, Enter takes, Escape leaves. */
import { h } from "./dom";

const BOARD = (
  "😀 😄 😊 🙂 😉 😍 🤔 😅 😂 😭 😕 😮 😎 🙏 👍 👎 👏 👌 💪 🤝 👋 ❤️ 🎉 🔥 ✨ ⭐ ☕ 🍕 🎁 📦 🚚 🛒 💳 🔧 🔌 📷 📎 📍 📞 ✅ ❌ ❓"
).split(" ");
const COLUMNS = 7;

export function emojiBoard(label: string, take: (sign: string) => void): HTMLElement {
  const keys = BOARD.map((sign, at) =>
    h("button", { type: "button", class: "sign", tabindex: at ? "-1" : "0", onclick: () => take(sign) }, sign));
  const move = (event: Event): void => {
    const { key } = event as KeyboardEvent;
    const at = keys.indexOf(event.target as HTMLButtonElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[key];
    if (at < 0 || !step) return;
    event.preventDefault();
    const next = keys[at + step];
    if (!next) return;
    keys[at]!.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  return h("div", { class: "pop board", role: "group", "aria-label": label, onkeydown: move }, ...keys);
}
