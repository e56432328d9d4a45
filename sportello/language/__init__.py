"""Text tools: which language, how to fold and clean what people write."""
