"""Door for visitors: chat widget, files, proof links."""
