from sportello.commerce.connectors.events.connector import connector as connector
