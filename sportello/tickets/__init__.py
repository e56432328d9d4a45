"""The walk: from raw input to ticket, and from answer to delivery."""
