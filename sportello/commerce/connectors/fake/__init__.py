from sportello.commerce.connectors.fake.connector import connector as connector
