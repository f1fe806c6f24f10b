"""How many promotions a shop has, and how large they are."""

MOST_ACTIVE = 100

LARGEST_SHOP_BYTES = 100_000
"""All active promotions are kept in one item, which every cart reads."""

LARGEST_BYTES = 20_000

MOST_LIMITED = 4
"""Automatic promotions with limits: each takes up to two of the hundred actions of a checkout's transaction."""

MOST_GIFT_SKUS = 10
"""SKUs that automatic promotions give: each cart reads what they cost, and whether there are any."""

MOST_CODES = 5
"""Codes on one cart, for the same reason."""

MOST_CONDITIONS = 10

MOST_ACTIONS = 5

MOST_USES = 100_000_000
