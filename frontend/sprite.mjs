// Builds one sprite of the icons named in icons.json and prints what the manifest gains:
// the sprite and the typeface, which the page preloads. Run by config/frontend.py with the output folder.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const out = process.argv[2];
const root = join(import.meta.dirname, "..");
const wanted = JSON.parse(readFileSync(join(import.meta.dirname, "icons.json"), "utf8"));
// The counter with its bell: our own mark.
const mark = '<symbol id="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M5 16V11a7 7 0 0 1 14 0v5" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="butt"/><path d="M2 18.6h20" stroke="currentColor" stroke-width="2.8" stroke-linecap="round"/><circle cx="12" cy="12" r="2.1" fill="currentColor"/></symbol>';

const inner = (svg) => svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/<title>.*?<\/title>/, "").replace(/\s+/g, " ").trim();
const lucide = wanted.lucide.map((name) => {
  const drawing = inner(readFileSync(join(root, "node_modules/lucide-static/icons", `${name}.svg`), "utf8"));
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`;
});
const brands = Object.entries(wanted.brands).map(([id, slug]) => {
  const drawing = inner(readFileSync(join(root, "node_modules/simple-icons/icons", `${slug}.svg`), "utf8"));
  return `<symbol id="b-${id}" viewBox="0 0 24 24" fill="currentColor">${drawing}</symbol>`;
});
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${[mark, ...lucide, ...brands].join("")}</svg>`;
const name = `sprite-${createHash("sha256").update(sprite).digest("hex").slice(0, 8)}.svg`;
writeFileSync(join(out, name), sprite);
const font = readdirSync(out).find((file) => /^ibm-plex-sans-latin-wght-normal-.*\.woff2$/.test(file));
console.log(JSON.stringify({ "sprite.svg": name, ...(font ? { "plex.woff2": font } : {}) }));
