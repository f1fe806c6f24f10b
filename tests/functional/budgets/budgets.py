"""The budget of every handler: what one call of it may take of DynamoDB, of other services, and of Stripe.

Endpoints are called with an Idempotency-Key where they take one, by processes that have not read a secret for five
minutes. A budget is met when the handler takes as much or less, and not much less: one that is too wide is lowered.
"""

from dataclasses import dataclass

from tests.cost.meter import Invocation

SLACK = 1.15
"""How much more than what is seen a budget may allow."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one invocation may take: calls by service, retries included, and DynamoDB's units."""

    dynamodb: int = 0
    reads: float = 0
    writes: float = 0
    ssm: int = 0
    stripe: int = 0
    sqs: int = 0
    events: int = 0
    ses: int = 0
    sns: int = 0

    @classmethod
    def taken(cls, invocation: Invocation) -> "Budget":
        """Return what an invocation took."""
        return cls(reads=invocation.read_units, writes=invocation.write_units, **invocation.calls_by_service)

    def broken_by(self, taken: "Budget") -> list[str]:
        """Say where more was taken than is allowed, and where more is allowed than anybody needs."""
        wrong = []
        for name in self.__slots__:
            most, seen = getattr(self, name), getattr(taken, name)
            if seen > most:
                wrong.append(f"{name}: {seen:g} taken, {most:g} allowed")
            elif most > seen * SLACK:
                wrong.append(f"{name}: {most:g} allowed, only {seen:g} taken; lower the budget")
        return wrong


BUDGETS = {
    # ---- what a shopper's browser calls --------------------------------------------------------------------
    "admin/carts/put_cart_customer_groups": Budget(dynamodb=4, reads=9, writes=4, ssm=1),
    "admin/pricing/simulate_price": Budget(dynamodb=2, reads=7),
    "storefront/carts/add_cart_code": Budget(dynamodb=5, reads=11, writes=4, ssm=1),
    "storefront/carts/add_gift_card": Budget(dynamodb=6, reads=11, writes=6, ssm=2),
    "storefront/carts/remove_gift_card": Budget(dynamodb=4, reads=9, writes=4, ssm=1),
    "storefront/carts/remove_cart_code": Budget(dynamodb=4, reads=9, writes=4, ssm=1),
    "storefront/carts/create_cart": Budget(dynamodb=2, reads=1, writes=4, ssm=1),
    "storefront/carts/get_cart": Budget(dynamodb=2, reads=8),
    "storefront/carts/list_shipping_options": Budget(dynamodb=2, reads=8),
    "storefront/carts/remove_cart_line": Budget(dynamodb=3, reads=7, writes=4, ssm=1),
    "storefront/carts/set_cart_line": Budget(dynamodb=4, reads=9, writes=4, ssm=1),
    "storefront/carts/set_cart_line: without a key": Budget(dynamodb=3, reads=8, writes=1),
    "storefront/carts/update_cart": Budget(dynamodb=4, reads=9, writes=4, ssm=1),
    "storefront/catalog/get_product": Budget(dynamodb=1, reads=0.5),
    "storefront/catalog/list_categories": Budget(dynamodb=1, reads=0.5),
    "storefront/catalog/list_category_products": Budget(dynamodb=1, reads=0.5),
    "storefront/catalog/list_products": Budget(dynamodb=1, reads=0.5),
    "storefront/checkout/begin_checkout": Budget(dynamodb=5, reads=9, writes=38, ssm=2, stripe=1),
    "storefront/checkout/begin_checkout: again": Budget(dynamodb=6, reads=11, writes=1, ssm=2, stripe=1),
    "storefront/checkout/begin_checkout: leases order numbers": Budget(dynamodb=6, reads=9, writes=39, ssm=2, stripe=1),
    "storefront/checkout/leave_checkout": Budget(dynamodb=7, reads=17, writes=23, ssm=2, stripe=1),
    "storefront/edge/unknown_route": Budget(),
    "storefront/invoices/get_order_invoice": Budget(dynamodb=2, reads=2, ssm=1),
    "storefront/invoices/get_order_invoice_pdf": Budget(dynamodb=2, reads=2, ssm=1),
    "storefront/invoices/list_order_invoices": Budget(dynamodb=2, reads=2, ssm=1),
    "storefront/orders/get_order": Budget(dynamodb=1, reads=1, ssm=1),
    "storefront/orders/resume_payment": Budget(dynamodb=4, reads=3, writes=1, ssm=2, stripe=1),
    "storefront/giftcards/get_gift_card_balance": Budget(dynamodb=3, reads=2, writes=4, ssm=2),
    # ---- what staff call -----------------------------------------------------------------------------------
    "admin/catalog/create_category": Budget(dynamodb=3, reads=2, writes=9, ssm=1),
    "admin/catalog/create_product": Budget(dynamodb=3, reads=3, writes=20, ssm=1),
    "admin/catalog/get_product": Budget(dynamodb=1, reads=1),
    "admin/catalog/list_categories": Budget(dynamodb=1, reads=1),
    "admin/catalog/list_products": Budget(dynamodb=1, reads=1),
    "admin/catalog/update_category": Budget(dynamodb=3, reads=2, writes=7, ssm=1),
    "admin/catalog/update_product": Budget(dynamodb=3, reads=2, writes=14, ssm=1),
    "admin/edge/unknown_route": Budget(),
    "admin/giftcards/adjust_gift_card": Budget(dynamodb=4, reads=3, writes=11, ssm=1),
    "admin/giftcards/disable_gift_card": Budget(dynamodb=4, reads=3, writes=12, ssm=1),
    "admin/giftcards/get_gift_card": Budget(dynamodb=2, reads=1.5, ssm=1),
    "admin/giftcards/issue_gift_card": Budget(dynamodb=2, reads=1, writes=11, ssm=2),
    "admin/giftcards/list_gift_cards": Budget(dynamodb=1, reads=0.5, ssm=1),
    "admin/inventory/adjust_stock": Budget(dynamodb=5, reads=4, writes=7, ssm=1),
    "admin/inventory/get_stock": Budget(dynamodb=2, reads=2),
    "admin/inventory/list_locations": Budget(dynamodb=1, reads=1),
    "admin/inventory/put_allocation_rule": Budget(dynamodb=3, reads=2, writes=7, ssm=1),
    "admin/inventory/put_location": Budget(dynamodb=3, reads=2, writes=7, ssm=1),
    "admin/inventory/list_movements": Budget(dynamodb=1, reads=1, ssm=1),
    "admin/inventory/receive_stock": Budget(dynamodb=5, reads=4, writes=7, ssm=1),
    "admin/inventory/set_low_stock_threshold": Budget(dynamodb=6, reads=5, writes=4, ssm=1),
    "admin/inventory/set_stock": Budget(dynamodb=5, reads=4, writes=7, ssm=1),
    "admin/inventory/split_stock": Budget(dynamodb=8, reads=6, writes=8, ssm=1),
    "admin/invoices/get_invoicing": Budget(dynamodb=1, reads=1),
    "admin/invoices/get_order_invoice": Budget(dynamodb=1, reads=1),
    "admin/invoices/get_order_invoice_pdf": Budget(dynamodb=1, reads=1),
    "admin/invoices/issue_order_invoices": Budget(dynamodb=8, reads=7, writes=11, ssm=1),
    "admin/invoices/list_invoices": Budget(dynamodb=2, reads=1.5, ssm=1),
    "admin/invoices/list_order_invoices": Budget(dynamodb=2, reads=2),
    "admin/invoices/put_invoicing": Budget(dynamodb=3, reads=2, writes=4, ssm=1),
    "admin/orders/cancel_order": Budget(dynamodb=6, reads=4, writes=32, ssm=2, stripe=1),
    "admin/orders/capture_order": Budget(dynamodb=5, reads=4, writes=11, ssm=2, stripe=1),
    "admin/promotions/delete_promotion": Budget(dynamodb=3, reads=2, writes=10, ssm=1),
    "admin/promotions/get_promotion": Budget(dynamodb=1, reads=1),
    "admin/promotions/get_promotion_usage": Budget(dynamodb=2, reads=6),
    "admin/promotions/list_promotion_codes": Budget(dynamodb=2, reads=1.5),
    "admin/promotions/list_promotions": Budget(dynamodb=1, reads=1),
    "admin/promotions/make_promotion_codes": Budget(dynamodb=4, reads=3, writes=13, ssm=1),
    "admin/promotions/put_promotion": Budget(dynamodb=5, reads=8, writes=19, ssm=1),
    "admin/orders/dispatch_order": Budget(dynamodb=5, reads=4, writes=17, ssm=1),
    "admin/orders/get_order": Budget(dynamodb=3, reads=3),
    "admin/orders/list_orders": Budget(dynamodb=1, reads=0.5, ssm=1),
    "admin/orders/refund_order": Budget(dynamodb=6, reads=4, writes=26, ssm=2, stripe=1),
    "admin/payments/list_reviews": Budget(dynamodb=1, reads=0.5, ssm=1),
    "admin/payments/resolve_review": Budget(dynamodb=5, reads=4, writes=17, ssm=1),
    "admin/catalog/get_prices": Budget(dynamodb=1, reads=2),
    "admin/catalog/put_list_price": Budget(dynamodb=4, reads=4, writes=16, ssm=1),
    "admin/prices/delete_price_list": Budget(dynamodb=3, reads=2, writes=9, ssm=1),
    "admin/prices/get_price_list": Budget(dynamodb=1, reads=1),
    "admin/prices/list_exchange_rates": Budget(dynamodb=1, reads=1),
    "admin/prices/list_price_lists": Budget(dynamodb=1, reads=1),
    "admin/prices/list_price_rules": Budget(dynamodb=1, reads=1),
    "admin/prices/put_exchange_rate": Budget(dynamodb=3, reads=2, writes=7, ssm=1),
    "admin/prices/put_price_list": Budget(dynamodb=3, reads=2, writes=9, ssm=1),
    "admin/prices/put_price_rules": Budget(dynamodb=3, reads=2, writes=11, ssm=1),
    # All rules are one item, which holds a year of holidays by then: 6 units to write, and 4 without.
    "admin/shipping/add_public_holidays": Budget(dynamodb=3, reads=2, writes=6, ssm=1),
    "admin/shipping/delete_shipping_method": Budget(dynamodb=3, reads=2, writes=6, ssm=1),
    "admin/shipping/get_shipping_calendar": Budget(dynamodb=1, reads=1),
    "admin/shipping/get_shipping_zones": Budget(dynamodb=1, reads=1),
    "admin/shipping/list_shipping_methods": Budget(dynamodb=1, reads=1),
    "admin/shipping/preview_shipping": Budget(dynamodb=1, reads=2),
    "admin/shipping/put_shipping_calendar": Budget(dynamodb=3, reads=2, writes=4, ssm=1),
    "admin/shipping/put_shipping_method": Budget(dynamodb=3, reads=2, writes=6, ssm=1),
    "admin/shipping/put_shipping_zones": Budget(dynamodb=3, reads=2, writes=6, ssm=1),
    "admin/staff/authorize_staff": Budget(dynamodb=1, reads=1),
    "admin/staff/create_staff_key": Budget(dynamodb=2, reads=1, writes=7, ssm=1),
    "admin/staff/list_staff_keys": Budget(dynamodb=1, reads=0.5, ssm=1),
    "admin/staff/revoke_staff_key": Budget(dynamodb=3, reads=2, writes=7, ssm=1),
    "admin/taxes/check_tax_id": Budget(dynamodb=4, reads=3, writes=4, ssm=1),
    "admin/taxes/get_tax_id": Budget(dynamodb=1, reads=1),
    "admin/taxes/get_tax_rules": Budget(dynamodb=1, reads=1),
    "admin/taxes/preview_taxes": Budget(dynamodb=1, reads=2),
    "admin/taxes/put_tax_rules": Budget(dynamodb=3, reads=2, writes=4, ssm=1),
    # ---- what queues, streams, clocks and Stripe call ------------------------------------------------------
    "workers/checkout/reconcile_stripe: a payment": Budget(dynamodb=3, reads=2, writes=23, ssm=1, stripe=1),
    "workers/checkout/reconcile_stripe: nothing is left": Budget(ssm=1, stripe=1),
    "workers/checkout/sweep_orders: a hold ends": Budget(dynamodb=11, reads=6, writes=21, ssm=1, stripe=1),
    "workers/checkout/sweep_orders: nothing is due": Budget(dynamodb=8, reads=4),
    "workers/edge/unknown_route": Budget(),
    "workers/giftcards/on_order_changed: it sold a gift card": Budget(dynamodb=5, reads=4, writes=11, ssm=1),
    "workers/giftcards/on_order_changed: it sold none": Budget(dynamodb=2, reads=2),
    "workers/giftcards/write_off_gift_cards: a card": Budget(dynamodb=3, reads=1.5, writes=10),
    "workers/giftcards/write_off_gift_cards: nothing is due": Budget(dynamodb=1, reads=0.5),
    "workers/inventory/project_movements: one line": Budget(dynamodb=8, reads=2, writes=9),
    "workers/inventory/project_movements: stock falls low": Budget(dynamodb=9, reads=2, writes=14),
    "workers/inventory/reproject_movements: nothing is left": Budget(dynamodb=8, reads=4),
    "workers/inventory/show_availability: nothing has changed": Budget(dynamodb=2, reads=2),
    "workers/invoices/issue_invoices: a credit note": Budget(dynamodb=6, reads=5, writes=13),
    "workers/invoices/issue_invoices: an invoice": Budget(dynamodb=6, reads=5, writes=9),
    "workers/invoices/issue_invoices: told again": Budget(dynamodb=4, reads=4),
    "workers/invoices/issue_waiting_invoices: nothing waits": Budget(dynamodb=2, reads=2),
    "workers/notifications/deliver_notification: a gift card": Budget(dynamodb=3, reads=1, writes=3, ssm=1, ses=1),
    "workers/notifications/deliver_notification: an order": Budget(dynamodb=3, reads=1, writes=3, ssm=1, ses=1),
    "workers/notifications/deliver_notification: low stock": Budget(dynamodb=3, reads=1, writes=3, sns=1),
    "workers/outbox/publish_events: an event": Budget(dynamodb=1, writes=3, events=1),
    "workers/outbox/republish_events: an event": Budget(dynamodb=10, reads=5, writes=3, events=1),
    "workers/outbox/republish_events: nothing is left": Budget(dynamodb=8, reads=4),
    "workers/payments/on_stripe_event: paid": Budget(dynamodb=3, reads=2, writes=23),
    "workers/payments/on_stripe_event: paid, told again": Budget(dynamodb=2, reads=2),
    "workers/payments/on_stripe_event: the fee": Budget(dynamodb=4, reads=3, writes=8, ssm=1, stripe=1),
    "workers/catalog/show_prices: nothing has changed": Budget(dynamodb=1, reads=1),
    "workers/prices/fetch_exchange_rates: a new day": Budget(dynamodb=2, reads=1, writes=5),
    "workers/prices/fetch_exchange_rates: the same day": Budget(dynamodb=1, reads=1),
    "workers/prices/fetch_exchange_rates: no source": Budget(),
    "workers/setup/prepare_store: everything is there": Budget(dynamodb=1, reads=1, ssm=5),
    "workers/taxes/record_sale: Stripe Tax computed it": Budget(dynamodb=4, reads=3, writes=1, ssm=1),
    "workers/taxes/record_sale: the rules computed it": Budget(dynamodb=2, reads=2),
    "workers/webhooks/receive_stripe": Budget(ssm=1, sqs=1),
}
