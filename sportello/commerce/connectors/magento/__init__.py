from sportello.commerce.connectors.magento.connector import connector as connector
