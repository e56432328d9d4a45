"""The counter's mouths: provider contract, registry, channels, durable raw input."""
