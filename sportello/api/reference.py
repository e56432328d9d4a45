"""The calls as a page of the reference, from the same description as ``/api/docs``."""

from __future__ import annotations

from collections.abc import Iterable

from sportello.api.docs import Call, Field, groups

INTRODUCTION = """\
Sign in with `Authorization: Bearer <token>` (`sportello token <e-mail>` prints one). A token acts as its agent: it sees
what the agent sees, and what it may not see answers 404 like what is not there.

- Lists answer `{"items": […], "next_cursor": "…" | null}`; hand the cursor back as `?cursor=`. Cursors are opaque and signed.
- Times are ISO 8601 in UTC.
- Every POST takes an `Idempotency-Key`: the same key with the same body is done once and answered alike for 24 hours; with
  another body it is refused with 409. Refused calls are not kept.
- Errors are `application/problem+json`: `{type, title, status, detail, errors: [{field, message}]}`. Unknown fields and
  parameters are refused with 422; a call that is refused has changed nothing.
- 429 says in `Retry-After` when to come back.
- Webhooks are signed by [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id` (the same at every try),
  `webhook-timestamp`, `webhook-signature`. Tries: at once, then after 5 s, 1 min, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. After
  15 failed tries in a row, or a 410, the webhook is paused; what happens meanwhile waits until it is switched on again.
"""


def page() -> str:
    """Markdown, without the first heading's note."""
    parts = ["# API", "", INTRODUCTION]
    for group in groups():
        parts += [f"## {group.name.capitalize()}", ""]
        for call in group.calls:
            parts += _call(call)
    return "\n".join(parts).rstrip() + "\n"


def _call(call: Call) -> Iterable[str]:
    yield f"### `{call.method} {call.path}`"
    yield ""
    yield f"{call.summary}. {' '.join(call.about.split())}".rstrip()
    yield ""
    if call.parameters:
        yield f"Parameters: {_names(call.parameters)}."
    if call.body:
        yield f"Body: {_names(call.body)}."
    for status, fields in call.answers:
        yield f"Answers {status}" + (f": {_names(fields)}." if fields else ".")
    yield ""


def _names(fields: Iterable[Field]) -> str:
    """``**subject**`` is required."""
    return ", ".join(f"**`{f.name}`**" if f.required else f"`{f.name}`" for f in fields)
