"""A whole shop with everybody in it."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.faults.random_runs.outside import Outside
from tests.faults.random_runs.program import noted
from tests.faults.random_runs.run import Verdict
from tests.faults.random_runs.shoppers import PURCHASES, Purchase, Shoppers
from tests.faults.random_runs.staff import Staff


class ShopMachine(Staff, Shoppers, Outside):
    """Staff, shoppers, Stripe, time and faults, in any order."""

    @initialize(
        manual=st.booleans(),
        slow=st.sampled_from([True, True, False]),
        early=st.lists(PURCHASES, min_size=2, max_size=4),
        verdict=st.sampled_from(Verdict),
        past_comes_again=st.booleans(),
    )
    @noted
    def opens(self, *, manual: bool, slow: bool, early: list[Purchase], verdict: Verdict, past_comes_again: bool):
        """Open the shop; a few people were there early, so that every run has orders to work on."""
        self.verdict = verdict
        self.past_comes_again = past_comes_again
        self.deploys(manual=manual, slow=slow)
        for purchase in early:
            self.buys(purchase, None)
