"""The PostgreSQL underneath: the embedded server, and the check of one from outside. No Django here."""
