"""Lists, search and expansion."""

import pytest
import stripe

from tests.unit.local_stripe.shop import DAY, Shop


class TestPages:
    def test_go_from_newest_to_oldest(self, shop: Shop) -> None:
        made = [shop.intent().id for _ in range(5)]
        intents = shop.api.payment_intents

        first = intents.list({"limit": 2})
        second = intents.list({"limit": 2, "starting_after": first.data[-1].id})
        back = intents.list({"limit": 2, "ending_before": second.data[0].id})

        assert [each.id for each in first.data] == [made[4], made[3]]
        assert [each.id for each in second.data] == [made[2], made[1]]
        assert [each.id for each in back.data] == [made[4], made[3]]
        assert (first.has_more, second.has_more, back.has_more) == (True, True, False)
        assert [each.id for each in intents.list({"limit": 2}).auto_paging_iter()] == made[::-1]

    def test_filter_by_time(self, shop: Shop) -> None:
        early = shop.intent()
        shop.later(100)
        late = shop.intent()
        intents = shop.api.payment_intents

        assert [each.id for each in intents.list({"created": {"gte": late.created}}).data] == [late.id]
        assert [each.id for each in intents.list({"created": {"lt": late.created}}).data] == [early.id]
        assert [each.id for each in intents.list({"created": early.created}).data] == [early.id]

    @pytest.mark.parametrize(
        "params", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"starting_after": "pi_nobody"}, {"order": "asc"}]
    )
    def test_refuse_what_stripe_refuses(self, shop: Shop, params: dict[str, object]) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            shop.api.payment_intents.list(params)  # type: ignore[arg-type]

    def test_list_events_of_some_types(self, shop: Shop) -> None:
        shop.paid()
        events = shop.api.events

        assert [each.type for each in events.list({"type": "charge.succeeded"}).data] == ["charge.succeeded"]
        assert [each.type for each in events.list({"type": "charge.*"}).data] == ["charge.succeeded"]
        some = events.list({"types": ["payment_intent.created", "payment_intent.succeeded"]})
        assert [each.type for each in some.data] == ["payment_intent.succeeded", "payment_intent.created"]
        with pytest.raises(stripe.InvalidRequestError):
            events.list({"type": "a", "types": ["b"]})

    def test_forget_events_after_thirty_days(self, shop: Shop) -> None:
        shop.intent()

        shop.later(31 * DAY)

        assert shop.api.events.list().data == []

    def test_list_charges_and_balance_transactions(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="automatic")
        shop.api.refunds.create({"payment_intent": intent.id})

        transactions = shop.api.balance_transactions
        of_charge = transactions.list({"source": str(intent.latest_charge), "expand": ["data.source"]}).data[0]

        assert [each.type for each in transactions.list().data] == ["refund", "charge"]
        assert [each.type for each in transactions.list({"type": "refund"}).data] == ["refund"]
        assert isinstance(of_charge.source, stripe.Charge)
        assert transactions.retrieve(of_charge.id).reporting_category == "charge"
        assert len(shop.api.charges.list({"payment_intent": intent.id}).data) == 1


class TestSearch:
    def test_finds_by_metadata_and_status(self, shop: Shop) -> None:
        paid, open_ = shop.paid(metadata={"order_id": "o1"}), shop.intent(metadata={"order_id": "o1"})
        shop.intent(metadata={"order_id": "o2"})

        def found(query: str) -> list[str]:
            return [each.id for each in shop.api.payment_intents.search({"query": query}).data]

        assert found("metadata['order_id']:'o1'") == [open_.id, paid.id]
        assert found('metadata["order_id"]:"o1" AND status:\'succeeded\'') == [paid.id]
        assert found("metadata['order_id']:'o1' AND -status:'succeeded'") == [open_.id]
        assert found("status:'succeeded' OR metadata['order_id']:'o1'") == [open_.id, paid.id]
        assert found(f"amount>1999 AND created<={paid.created} AND currency:'usd' AND status~'succ'") == [paid.id]
        assert found("metadata['order_id']:'o3'") == []

    def test_goes_through_pages(self, shop: Shop) -> None:
        made = [shop.intent(metadata={"k": "v"}).id for _ in range(3)]

        first = shop.api.payment_intents.search({"query": "metadata['k']:'v'", "limit": 2})

        assert (first.has_more, len(first.data)) == (True, 2)
        assert [each.id for each in first.auto_paging_iter()] == made[::-1]

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "status",
            "status:'succeeded' AND",
            "AND status:'succeeded'",
            "status:'a' AND status:'b' OR status:'c'",
            "client_secret:'x'",
            "metadata:'x'",
            "status['x']:'y'",
            "amount:'many'",
            "status>'a'",
        ],
    )
    def test_refuses_what_it_cannot_read(self, shop: Shop, query: str) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            shop.api.payment_intents.search({"query": query})


class TestExpansion:
    def test_puts_objects_in_the_place_of_ids(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="automatic")
        shop.api.refunds.create({"payment_intent": intent.id, "amount": 100})

        charge = shop.api.charges.retrieve(
            str(intent.latest_charge), {"expand": ["refunds.data.balance_transaction", "payment_intent.payment_method"]}
        )
        listed = shop.api.payment_intents.list({"expand": ["data.latest_charge"]}).data[0]

        assert isinstance(charge.payment_intent, stripe.PaymentIntent)
        assert isinstance(charge.payment_intent.payment_method, stripe.PaymentMethod)
        assert charge.refunds is not None
        assert charge.refunds.to_dict()["data"][0]["balance_transaction"]["amount"] == -100
        assert isinstance(listed.latest_charge, stripe.Charge)
        assert shop.api.charges.retrieve(charge.id).refunds is None

    @pytest.mark.parametrize("path", ["status", "latest_charge.status", "a.b.c.d.e"])
    def test_refuses_other_paths_before_doing_anything(self, shop: Shop, path: str) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="expand"):
            shop.intent(expand=[path])

        assert shop.api.payment_intents.list().data == []
