from sportello.commerce.connectors.woocommerce.connector import connector as connector
