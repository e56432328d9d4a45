"""Stand-ins of vendors: loopback servers that speak their documented wire format."""
