"""The size generator: fills the demo company with as many tickets as one wants to measure with.

``sportello seed --tickets 1000000`` adds a million tickets, five million messages and three hundred
thousand contacts by COPY, in one transaction that builds the indexes at its end. The rows look as the
walk would have left them, with these shortcuts: no raw input, no deliveries, and events only for the
newest tickets.
"""

from sportello.demo.generate.filling import generate

__all__ = ["generate"]
