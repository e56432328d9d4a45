"""A ticket's story as the page tells it: messages, what is to be known of them, and lines for what happened."""
