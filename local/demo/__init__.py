"""Harbor Goods, the shop that a newcomer finds: its data, its pictures, its seeding, and a purchase step by step."""

SHOP_NAME = "Harbor Goods"
