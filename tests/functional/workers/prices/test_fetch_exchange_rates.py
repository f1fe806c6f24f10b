"""The worker that fetches exchange rates: good files are kept, everything else changes nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from commerce.adapters.rate_feed import FeedFailed, downloaded
from commerce.kernel import clock
from commerce.kernel.config import settings
from tests.functional.workers.prices.feed import Feed, file_of, running_feed
from tests.support.calls import counted
from tests.support.pricing import RATES, later
from tests.support.store import Store, running_store

WORKER = "prices/fetch_exchange_rates"


def today(shift: int = 0) -> str:
    return (clock.now() + timedelta(days=shift)).date().isoformat()


@pytest.fixture
def feed() -> Iterator[Feed]:
    with running_feed() as running:
        yield running


@pytest.fixture
def shop(feed: Feed) -> Iterator[Store]:
    with running_store(EXCHANGE_RATES_SOURCE="ecb", EXCHANGE_RATES_URL=feed.url) as store:
        feed.content = file_of(today(), USD="1.25", JPY="160", XYZ="3")
        yield store


def rates(store: Store) -> dict[str, str]:
    return {item["currency"]: item["rate"] for item in store.get(RATES).body["items"]}


class TestFetchExchangeRates:
    def test_keeps_what_it_finds(self, shop: Store) -> None:
        assert shop.invoke(WORKER) == {"updated": 1, "failed": 0}

        everything = shop.get(RATES).body
        assert (everything["source"], everything["version"]) == ("ecb", 1)
        assert rates(shop) == {"EUR": "0.8", "JPY": "128"}
        assert {item["at"] for item in everything["items"]} == {f"{today()}T00:00:00.000Z"}
        [event] = shop.items("outbox")
        assert event["type"]["S"] == "prices.exchange_rates_updated"

    def test_does_nothing_a_second_time(self, shop: Store, feed: Feed) -> None:
        shop.invoke(WORKER)

        with counted(shop) as calls:
            assert shop.invoke(WORKER) == {"updated": 0, "failed": 0}

        assert (feed.asked, calls) == (2, {"GetItem": 1})

    def test_takes_a_newer_day_and_no_older_one(self, shop: Store, feed: Feed) -> None:
        shop.invoke(WORKER)
        feed.content = file_of(today(-1), USD="9.9")
        assert shop.invoke(WORKER) == {"updated": 0, "failed": 0}
        later(shop, days=1)
        feed.content = file_of(today(), USD="1.25", JPY="160")
        shop.invoke(WORKER)

        assert rates(shop) == {"EUR": "0.8", "JPY": "128"}
        assert {item["at"] for item in shop.get(RATES).body["items"]} == {f"{today()}T00:00:00.000Z"}

    def test_takes_the_correction_of_a_day(self, shop: Store, feed: Feed) -> None:
        shop.invoke(WORKER)
        feed.content = file_of(today(), USD="1.6")

        assert shop.invoke(WORKER)["updated"] == 1
        assert rates(shop) == {"EUR": "0.625"}

    def test_leaves_what_staff_wrote(self, shop: Store) -> None:
        shop.put(f"{RATES}/JPY", {"rate": "150", "rounding": {"step": 10}})

        shop.invoke(WORKER)

        assert rates(shop) == {"EUR": "0.8", "JPY": "150"}
        assert shop.get(RATES).body["items"][1]["rounding"]["step"] == 10

    @pytest.mark.parametrize(
        ("status", "content"),
        [
            (200, b""),
            (200, b"<html>maintenance</html>"),
            (200, b"\x00" * 1000),
            (200, b"<a>" * 100_000),
            (200, file_of("2999-01-01", USD="1.1")),
            (200, file_of("2026-01-01", USD="free")),
            (404, file_of("2026-01-01", USD="1.1")),
            (500, b"down"),
            (302, b""),
        ],
    )
    def test_keeps_the_last_good_ones_whatever_comes(
        self, shop: Store, feed: Feed, status: int, content: bytes
    ) -> None:
        shop.invoke(WORKER)
        feed.status, feed.content = status, content

        assert shop.invoke(WORKER) == {"updated": 0, "failed": 1}
        assert rates(shop) == {"EUR": "0.8", "JPY": "128"}
        assert shop.get(RATES).body["version"] == 1

    def test_keeps_the_last_good_ones_when_nobody_is_there(self, shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.invoke(WORKER)
        monkeypatch.setenv("EXCHANGE_RATES_URL", "http://127.0.0.1:9/nothing")
        settings.cache_clear()

        assert shop.invoke(WORKER) == {"updated": 0, "failed": 1}
        assert rates(shop) == {"EUR": "0.8", "JPY": "128"}

    def test_complains_while_there_is_time(self, shop: Store, feed: Feed) -> None:
        shop.invoke(WORKER)
        feed.status = 500
        later(shop, days=2)
        assert shop.invoke(WORKER)["failed"] == 1
        later(shop, days=2)

        with pytest.raises(FeedFailed, match="grow old"):
            shop.invoke(WORKER)
        assert not any(item["stale"] for item in shop.get(RATES).body["items"])
        later(shop, days=4)
        assert all(item["stale"] for item in shop.get(RATES).body["items"])

    def test_does_nothing_where_no_source_is_chosen(self, store: Store) -> None:
        with counted(store) as calls:
            assert store.invoke(WORKER) == {"updated": 0, "failed": 0}

        assert calls == {}


class TestDownloaded:
    def test_brings_the_file(self, feed: Feed) -> None:
        feed.content, feed.pieces = b"x" * 50_000, 10

        assert downloaded(feed.url, most_bytes=50_000) == feed.content

    def test_stops_at_the_largest_size(self, feed: Feed) -> None:
        feed.content = b"x" * 50_001

        with pytest.raises(FeedFailed, match="too large"):
            downloaded(feed.url, most_bytes=50_000)

    def test_stops_when_nothing_comes(self, feed: Feed) -> None:
        feed.content, feed.pause = b"x", 30

        with pytest.raises(FeedFailed, match="TimeoutError"):
            downloaded(feed.url, most_bytes=100, seconds=0.3)

    def test_stops_when_it_comes_drop_by_drop(self, feed: Feed) -> None:
        feed.content, feed.pieces, feed.pause = b"x" * 1000, 1000, 0.02

        with pytest.raises(FeedFailed, match="too long"):
            downloaded(feed.url, most_bytes=10_000, seconds=0.3)

    @pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "http://127.0.0.1:9/"])
    def test_fails_in_one_way(self, url: str) -> None:
        with pytest.raises(FeedFailed):
            downloaded(url, most_bytes=10)
