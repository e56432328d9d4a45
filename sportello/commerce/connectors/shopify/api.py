"""The GraphQL Admin API: https://shopify.dev/docs/api/admin-graphql"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sportello.commerce.contract import Settings, TryLater
from sportello.commerce.reasons import Reason, why
from sportello.commerce.wire.calls import Answer, ask
from sportello.commerce.wire.values import at

if TYPE_CHECKING:
    from sportello.core.net import Net

VERSION = "2026-04"
PAGE = 50

ORDER = """
legacyResourceId name email phone createdAt updatedAt cancelledAt
displayFinancialStatus displayFulfillmentStatus currencyCode statusPageUrl
totalPriceSet { shopMoney { amount } } totalRefundedSet { shopMoney { amount } }
customer { legacyResourceId displayName state verifiedEmail defaultEmailAddress { emailAddress } }
lineItems(first: 100) { nodes { id sku name quantity originalUnitPriceSet { shopMoney { amount } } } }
fulfillments(first: 20) { legacyResourceId status displayStatus createdAt updatedAt deliveredAt
  trackingInfo(first: 1) { company number url } }
"""
CHANGED = f"""query Changed($query: String!, $after: String) {{
  orders(first: {PAGE}, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ {ORDER} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
ONE = f"query One($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}"
SHOP = "query { shop { name currencyCode } }"
SUGGESTED = """query Suggested($id: ID!) { order(id: $id) {
  suggestedRefund(suggestFullRefund: true) { suggestedTransactions { gateway parentTransaction { id }
    amountSet { shopMoney { amount } } } } } }"""
REFUND = """mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { message } } }"""
CANCEL = """mutation Cancel($id: ID!, $note: String) {
  orderCancel(orderId: $id, reason: CUSTOMER, restock: true, notifyCustomer: true, staffNote: $note,
    refundMethod: {originalPaymentMethodsRefund: true}) { job { id } orderCancelUserErrors { message } } }"""
RESEND = """mutation Resend($id: ID!) { orderInvoiceSend(id: $id) { order { id } userErrors { message } } }"""


def base(settings: Settings) -> str:
    given = str(settings.get("api_base") or "").rstrip("/")
    return given or f"https://{str(settings.get('shop') or '').strip().strip('/')}"


def query(net: Net, settings: Settings, text: str, **variables: Any) -> Answer:
    """One GraphQL call. Raises `NetError`, and `TryLater` when the shop's bucket is empty."""
    version = settings.get("api_version") or VERSION
    answer = ask(
        net,
        "POST",
        f"{base(settings)}/admin/api/{version}/graphql.json",
        headers={"X-Shopify-Access-Token": str(settings.get("access_token") or "")},
        json={"query": text, "variables": variables},
        timeout=30.0,
    )
    if at(answer.data, "errors", 0, "extensions", "code") == "THROTTLED":
        raise TryLater(why(Reason.BUSY), _refill(answer.data))
    return answer


def _refill(data: Any) -> timedelta:
    """The bucket says how much is missing and how fast it fills."""
    cost = at(data, "extensions", "cost") or {}
    wanted = cost.get("requestedQueryCost") or 100
    there = at(cost, "throttleStatus", "currentlyAvailable") or 0
    rate = at(cost, "throttleStatus", "restoreRate") or 50
    return timedelta(seconds=max(1.0, min(60.0, (wanted - there) / rate)))


def complaint(answer: Answer, *path: str) -> str:
    """What a mutation or the query itself complains about; empty when all is well."""
    words = at(answer.data, "errors", 0, "message") or at(answer.data, "data", *path, 0, "message")
    return str(words)[:300] if words else ""


def denied(data: Any) -> bool:
    """Whether the keys lack the scope for what was asked."""
    return bool(at(data, "errors", 0, "extensions", "code") == "ACCESS_DENIED")
