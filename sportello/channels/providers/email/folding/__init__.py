"""What the author wrote, apart from quotes, signatures and what mail programs write around them.

Line by line, no backtracking across lines: a hostile mail costs no more than its length. Nothing is
dropped: every line ends up either in `text` or in `quoted`.
"""

from sportello.channels.providers.email.folding.dividing import Folded, fold, fold_lines, is_forward

__all__ = ["Folded", "fold", "fold_lines", "is_forward"]
