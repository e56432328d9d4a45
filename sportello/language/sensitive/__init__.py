"""What should not lie about in clear: recognised in text and in HTML, and covered. Pure functions."""

from sportello.language.sensitive.covering import (
    DOTS,
    Covered,
    cover,
    cover_html,
    says_no_more,
    uncover,
)
from sportello.language.sensitive.finding import CHECKED, Find, Kind, find

__all__ = [
    "CHECKED",
    "DOTS",
    "Covered",
    "Find",
    "Kind",
    "cover",
    "cover_html",
    "find",
    "says_no_more",
    "uncover",
]
