from sportello.commerce.connectors.rest.connector import connector as connector
