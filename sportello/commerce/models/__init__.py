"""Rows of this room: connections to shops, orders and what hangs on them, other goods, deeds, imports."""

from sportello.commerce.models.connections import Arrival as Arrival
from sportello.commerce.models.connections import Connection as Connection
from sportello.commerce.models.connections import TableImport as TableImport
from sportello.commerce.models.deeds import Deed as Deed
from sportello.commerce.models.deeds import DeedState as DeedState
from sportello.commerce.models.goods import Device as Device
from sportello.commerce.models.goods import Loyalty as Loyalty
from sportello.commerce.models.goods import Stock as Stock
from sportello.commerce.models.goods import Store as Store
from sportello.commerce.models.goods import Subscription as Subscription
from sportello.commerce.models.goods import Warranty as Warranty
from sportello.commerce.models.orders import Invoice as Invoice
from sportello.commerce.models.orders import Order as Order
from sportello.commerce.models.orders import OrderLine as OrderLine
from sportello.commerce.models.orders import OrderState as OrderState
from sportello.commerce.models.orders import PaymentState as PaymentState
from sportello.commerce.models.orders import Return as Return
from sportello.commerce.models.orders import ReturnState as ReturnState
from sportello.commerce.models.orders import Shipment as Shipment
from sportello.commerce.models.orders import ShipmentState as ShipmentState
