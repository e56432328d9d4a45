"""From answer to delivery: rendered, sent, its outcome kept; and what did not get through."""
