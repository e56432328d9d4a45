from sportello.commerce.connectors.shopify.connector import connector as connector
