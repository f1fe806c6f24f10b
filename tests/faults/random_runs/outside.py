"""What happens around the shop: Stripe and banks, time, deliveries in any order, and the schedules."""

from collections.abc import Callable

from hypothesis import strategies as st

from tests.faults.machine import promises
from tests.faults.machine.picture import Document
from tests.faults.random_runs.people import LATER_FAULTS, Trouble
from tests.faults.random_runs.program import step
from tests.faults.random_runs.run import WHICH, Run, picked

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
WAITS = st.sampled_from([1, 30, 3 * MINUTE, 6 * MINUTE, 31 * MINUTE, 31 * MINUTE, 5 * HOUR, 25 * HOUR, 8 * DAY])
LATENESS = st.sampled_from([MINUTE, 40 * MINUTE, 25 * HOUR, 73 * HOUR])


class Outside(Run):
    """Whatever is not the shop and not its people."""

    # ---- deliveries and schedules ---------------------------------------------------------------------------

    @step(what=st.sampled_from(["everything", "everything", "webhooks", "events", "streams", "notices"]),
          twice=st.booleans(), shuffled=st.booleans(), fault=st.none() | LATER_FAULTS)  # fmt: skip
    def delivers(self, *, what: str, twice: bool, shuffled: bool, fault: Trouble):
        world = self.world
        deliver: dict[str, Callable[[], object]] = {
            "everything": world.drain,
            "webhooks": world.post_webhooks,
            "events": world.consume_events,
            "streams": world.consume_streams,
            "notices": world.notify,
        }
        self._delivering(deliver[what], twice=twice, shuffled=shuffled, fault=fault)

    def _delivering(self, deliver: Callable[[], object], *, twice: bool, shuffled: bool, fault: Trouble) -> None:
        world = self.world
        world.deliveries.twice, world.deliveries.shuffled = twice, shuffled
        with self.people.in_trouble(fault):
            deliver()
        world.deliveries.twice = world.deliveries.shuffled = False

    @step(fault=st.none() | LATER_FAULTS)
    def runs_the_schedules(self, fault: Trouble):
        self.world.wire.land()
        with self.people.in_trouble(fault):
            self.world.sweep()

    @step(fault=st.none() | LATER_FAULTS)
    def asks_stripe_for_lost_events(self, fault: Trouble):
        self.world.wire.land()
        with self.people.in_trouble(fault):
            self.world.invoke("checkout/reconcile_stripe")

    @step(seconds=LATENESS, most=st.integers(1, 5))
    def webhooks_come_late(self, seconds: float, most: int):
        """Hold back what Stripe has not delivered yet."""
        waiting = [name for name in self.world.stripe.table("event") if name not in self.world.acknowledged]
        self.world.hold_back(waiting[-most:], seconds=seconds)

    @step(when=lambda self: self.world.acknowledged, which=WHICH, most=st.integers(1, 8), shuffled=st.booleans())
    def webhooks_come_again(self, *, which: int, most: int, shuffled: bool):
        """Deliver some events of the past once more: nothing may come of them.

        While later ones are held back, the shop may look at Stripe and learn early what they will tell.
        """
        world = self.world
        world.drain()
        before = promises.digest(world.picture())
        past = [name for name in world.stripe.table("event") if name in world.acknowledged]
        knows_all = len(past) == len(world.stripe.table("event"))
        world.hold_back(past[-1 - which * most :][:most], seconds=0)
        self._delivering(world.drain, twice=False, shuffled=shuffled, fault=None)
        after = promises.digest(world.picture())
        assert before == after or not knows_all, f"events that came again changed {before} into {after}"

    # ---- time -----------------------------------------------------------------------------------------------

    @step(seconds=WAITS, sweeps=st.booleans())
    def time_passes(self, *, seconds: float, sweeps: bool):
        """Let time pass with the schedules at work, or with them standing still."""
        self.world.wire.land()
        if sweeps:
            self.world.tick(seconds)
        else:
            self.world.wait(seconds)
        self.world.forget_what_expired()

    # ---- banks and the dashboard ----------------------------------------------------------------------------

    @step(
        when=lambda self: self._at_stripe("payment_intent", "processing"),
        outcome=st.sampled_from(["succeed", "fail", "allow_cancel"]),
    )
    def the_bank_decides(self, outcome: str):
        intent = self._at_stripe("payment_intent", "processing")[-1]
        self.world.at_stripe("process", payment_intent=intent["id"], outcome=outcome)
        if outcome == "allow_cancel":
            self.cancelable.add(intent["id"])

    @step(when=lambda self: self._at_stripe("charge", "succeeded"), which=WHICH, part=st.sampled_from([1, 3]))
    def is_refunded_at_the_dashboard(self, which: int, part: int):
        charge = picked(which, self._at_stripe("charge", "succeeded"))
        assert charge is not None
        left = charge["amount_captured"] - charge["amount_refunded"]
        self.world.at_stripe("dashboard_refund", charge=charge["id"], amount=max(1, left // part))

    @step(
        when=lambda self: self._at_stripe("payment_intent", "requires_capture", "requires_payment_method"),
        which=WHICH,
        part=st.sampled_from([0, 1, 3]),
    )
    def is_captured_or_canceled_at_the_dashboard(self, which: int, part: int):
        """Capture an authorization, or a third of it, past the store; or cancel the payment (0)."""
        authorized = self._at_stripe("payment_intent", "requires_capture")
        intent = picked(which, authorized, self._at_stripe("payment_intent", "requires_payment_method"))
        assert intent is not None
        if part == 0 or not intent["amount_capturable"]:
            self.world.stripe.asked("POST", f"payment_intents/{intent['id']}/cancel")
        else:
            amount = intent["amount_capturable"] // part
            self.world.stripe.asked("POST", f"payment_intents/{intent['id']}/capture", amount_to_capture=str(amount))

    @step(when=lambda self: self._at_stripe("refund", "succeeded", "pending"), which=WHICH)
    def a_refund_fails(self, which: int):
        refund = picked(which, self._at_stripe("refund", "succeeded", "pending"))
        assert refund is not None
        self.world.at_stripe("refund/fail", refund=refund["id"])

    @step(
        when=lambda self: self._at_stripe("charge", "succeeded"),
        which=WHICH,
        inquiry=st.booleans(),
        won=st.booleans(),
        was_refunded=st.booleans(),
    )
    def a_dispute_goes_on(self, *, which: int, inquiry: bool, won: bool, was_refunded: bool):
        """Let a dispute end, or let one begin where there is none to end; perhaps the shopper was refunded already."""
        disputes = self._at_stripe("dispute", "needs_response", "warning_needs_response")
        dispute = picked(which, disputes)
        if dispute is not None:
            self.world.at_stripe("dispute/close", dispute=dispute["id"], won=won)
            return
        charge = picked(which, self._at_stripe("charge", "succeeded"))
        assert charge is not None
        if was_refunded:
            self.world.at_stripe("dashboard_refund", charge=charge["id"])
        self.world.at_stripe("dispute", charge=charge["id"], inquiry=inquiry)

    def _at_stripe(self, kind: str, *statuses: str) -> list[Document]:
        return [each for each in self.world.stripe.table(kind).values() if each["status"] in statuses]
