import io

import httpx
import pytest

from local.demo.narration import Narrator
from local.demo.purchase import Purchase, main
from local.demo.seed import seed
from local.demo.walk import Unexpected, Walk
from tests.unit.demo.conftest import CONTROL_URL, STORE_URL, InProcess


def told(transport: InProcess) -> str:
    """Run the purchase, and return what it printed."""
    out = io.StringIO()
    tell = Narrator(out)
    with Walk(store_url=STORE_URL, control_url=CONTROL_URL, staff_key="sk", tell=tell, transport=transport) as walk:
        Purchase(walk, tell).run()
    return out.getvalue()


@pytest.fixture
def open_shop(transport: InProcess) -> InProcess:
    seed(store_url=STORE_URL, staff_key="sk", transport=transport)
    return transport


class TestPurchase:
    def test_buys_and_fails_on_purpose_as_often_as_one_likes(self, open_shop):
        first = told(open_shop)
        again = told(open_shop)

        assert "ok  1 moved from available to sold" in first
        assert "ok  the merchant was told that LANTERN-STORM-BRASS runs low" in first
        assert "409 {" in first
        assert "402 {" in first
        assert "is paid at the second try" in first
        assert "\x1b" not in first
        assert "It is low already: take in a few" in again
        assert "is paid at the second try" in again

    def test_stops_at_the_first_thing_that_is_not_as_it_should_be(self, transport):
        odd = httpx.Response(500, json={"message": "Internal Server Error"})
        transport.refused["GET /v1/products?limit=3"] = odd

        with pytest.raises(Unexpected, match="should answer 200, but: 500: Internal Server Error"):
            told(transport)


class TestMain:
    def test_names_the_way_to_start_a_store_when_none_runs(self, capsys):
        code = main(["--control-url", "http://127.0.0.1:1/_local/info"])

        assert code == 2
        assert "start one with: make run" in capsys.readouterr().err
