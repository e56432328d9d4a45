// What a text message costs on the air: the same reckoning as the server's (channels/vendors/sms.py), held equal by a test.

/** One septet each (3GPP TS 23.038). */
const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
/** Two septets each: an escape and the character. The pair is never cut in two. */
const EXTENSION = new Set("\f^{}\\[~]|€");
const PLAINER: Record<string, string> = {
  "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
  "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "•": "-", "´": "'", "`": "'", "\t": " ",
};
/** Units of a message alone, and of each part of a longer one: the header of the parts takes the rest. */
const LIMITS = { "GSM-7": [160, 153], "UCS-2": [70, 67] } as const;

export interface Size {
  encoding: keyof typeof LIMITS;
  units: number;
  /** Units that the parts together hold. */
  room: number;
  /** The text as it is cut. */
  parts: string[];
  /** The characters that force UCS-2, each once. */
  foreign: string[];
}

export function size(text: string): Size {
  const characters = [...text];
  const foreign = [...new Set(characters.filter((one) => !BASIC.has(one) && !EXTENSION.has(one)))];
  const encoding = foreign.length ? "UCS-2" : "GSM-7";
  const weigh = (one: string): number => (foreign.length ? one.length : EXTENSION.has(one) ? 2 : 1);
  const [alone, part] = LIMITS[encoding];
  const units = characters.reduce((sum, one) => sum + weigh(one), 0);
  if (units <= alone) return { encoding, units, room: alone, parts: text ? [text] : [], foreign };
  const parts = [""];
  let used = 0;
  for (const one of characters) {
    if (used + weigh(one) > part) {
      parts.push("");
      used = 0;
    }
    used += weigh(one);
    parts[parts.length - 1] += one;
  }
  return { encoding, units, room: part * parts.length, parts, foreign };
}

/** The same with typographic characters replaced and foreign accents taken off; what has no plain form stays. */
export function plainer(text: string): string {
  return [...text].map((one) => (BASIC.has(one) || EXTENSION.has(one) ? one : (PLAINER[one] ?? bare(one)))).join("");
}

function bare(character: string): string {
  const letters = character.normalize("NFKD").replace(/\p{M}/gu, "");
  return letters && [...letters].every((one) => BASIC.has(one)) ? letters : character;
}
