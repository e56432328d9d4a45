"""Door for sockets: agents and visitors."""
