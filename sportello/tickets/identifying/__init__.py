"""Who it is: addresses asked and proved, ids and names that turn out to be one person."""
