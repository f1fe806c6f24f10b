"""Which operations are open to whom, and values that name nothing."""

SIGNED_BY_STRIPE = frozenset({"receive_stripe"})
OPENED_BY_A_CODE = frozenset({"get_gift_card_balance"})
FOR_EVERYBODY = frozenset({"create_cart", "get_product", "list_categories", "list_category_products", "list_products"})
"""What anybody may call. Every other operation opens with a credential that the tests below know."""

SAYS_WHAT_IS_WRONG = frozenset({"admin_check_tax_id", "admin_get_tax_id"})
"""What answers about any number that a business may call its own: there is nothing of ours to miss."""
MAKES_WHAT_IS_MISSING = frozenset(
    {
        "admin_put_exchange_rate",
        "admin_put_location",
        "admin_put_price_list",
        "admin_put_promotion",
        "admin_put_shipping_method",
    }
)

NOWHERE = {
    "gift_card_id": "gc_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "cart_id": "cart_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "category_id": "cat_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "currency": "XPF",
    "key_id": "key_00000000000000000000000000",
    "list_id": "no-such-list",
    "location": "main",
    "location_id": "no-such-location",
    "method_id": "no-such-method",
    "number": "INV-1999-000001",
    "order_id": "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "product_id": "prod_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "promotion_id": "no-such-promotion",
    "review_id": "rev_00000000000000000000000000",
    "sku": "NO-SUCH-SKU",
    "slug": "no-such-category",
    "slug_or_id": "no-such-product",
    "tax_id": "XX000",
}
"""Values of path parameters that name nothing, in the form of those that name something."""
