"""The demo company Bottega Aurora."""
