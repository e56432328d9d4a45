"""Pages for customers, without an agent's sign-in: the secure form."""
