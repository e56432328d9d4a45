"""From raw input to the ticket: prepared outside the transaction, written in sets; and what is told of messages later."""
