"""Every order in which three carts, staff and the evening out of shards can step: a small model, looked at whole.

stock                     the model: states, steps, and what must hold in each state
test_every_interleaving   all of its states, and mistakes that it finds
test_replayed             the same steps taken by the real operations, which must agree after each
"""
