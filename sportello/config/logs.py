"""One JSON object per line on standard error; people at a terminal get colours instead."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

from sportello.language.sensitive import CHECKED, cover

_SECRETS = re.compile(
    r"(/accounts/invitation/|/proof/|/confirm/|/secure/|/accounts/password/reset/key/|/widget/[^/\s]+/files/|\bsp_)[^\s/?\"'<>]{6,}"
    r"|([?&](?:u|s)=)[^\s&\"'<>]{6,}"
)


def without_secrets(
    logger: object, name: str, said: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Links that open a door by themselves, and tokens, are cut out of whatever is said; card numbers, too."""
    for key, value in said.items():
        if isinstance(value, str):
            cut = _SECRETS.sub(lambda found: f"{found[1] or found[2]}…", value)
            said[key] = cover(cut, CHECKED).text
    return said


def configure(options: Mapping[str, Any]) -> None:
    """Route structlog and the standard library's loggers through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if sys.stderr.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last[:-1],
                without_secrets,
                last[-1],
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    for noisy in ("asyncio", "uvicorn.error", "mail.log", "procrastinate", "httpx2", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
