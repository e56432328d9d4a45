"""What was bought: orders, shipments, returns, stock, subscriptions, devices, and the connectors that bring them."""
