"""The pages at /app/settings: how the company, its channels and its people are set up."""
