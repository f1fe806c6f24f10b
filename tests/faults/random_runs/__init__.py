"""Random long runs over a whole shop, beside what its people know.

seeded        what chance and time decide, so that one seed gives one run
people        those who ask the shop: how they repeat a question, and what goes wrong meanwhile
notebook      what people were told and did, added up by hand, to compare the shop with
reached       how far the runs came: a run that reaches nothing proves nothing
run           one run: a shop to begin with, what holds after every step, and how it ends
staff, shoppers, outside    what each of them may do next
shop_machine  all of them in one shop
"""
