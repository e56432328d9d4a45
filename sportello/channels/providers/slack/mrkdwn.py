"""Slack's markup and plain text. ``*bold*`` and the like stay: people read them, and Slack shows them."""

from __future__ import annotations

import re

_MARK = re.compile(r"<([^<>]+)>")
_BLANKS = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def to_text(mrkdwn: str) -> str:
    """``<@U1|ada> see <https://x.example|here>`` → ``@ada see here (https://x.example)``."""
    plain = _MARK.sub(lambda found: _mark(found[1]), mrkdwn)
    return re.sub(r"&(?:lt|gt|amp);", lambda found: _BLANKS[found[0]], plain)


def _mark(inside: str) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return f"@{label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label not in (target, address) else address


def to_mrkdwn(text: str) -> str:
    """No word of ours may become a mention or a link that says something else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pieces(text: str, size: int) -> list[str]:
    """Cut at blanks where there are any: a section of blocks holds 3000 characters."""
    found = []
    while len(text) > size:
        at = max(text.rfind("\n", 0, size), text.rfind(" ", 0, size))
        at = at if at > size // 2 else size
        found.append(text[:at])
        text = text[at:].lstrip()
    return [*found, text] if text else found


EMOJI = {
    "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "heart": "❤️", "pray": "🙏", "joy": "😂", "tada": "🎉",
    "ok_hand": "👌", "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "eyes": "👀", "raised_hands": "🙌",
    "clap": "👏", "smile": "😄", "slightly_smiling_face": "🙂", "cry": "😢", "rage": "😡", "fire": "🔥", "100": "💯",
    "wave": "👋", "muscle": "💪", "rocket": "🚀", "warning": "⚠️", "question": "❓", "thinking_face": "🤔",
}  # fmt: skip


def emoji(name: str) -> str:
    """The character behind Slack's name of an emoji; names of a workspace's own pictures stay names."""
    bare = name.partition("::")[0]
    return EMOJI.get(bare, f":{bare}:")
