from sportello.commerce.connectors.csv.connector import connector as connector
