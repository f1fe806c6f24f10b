"""Who calls, as headers and the authorizer tell it."""

from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from commerce.entrypoints.caller import Caller
from commerce.kernel.call import Actor, Call, system_call
from commerce.kernel.clock import now
from commerce.kernel.errors import Forbidden, Invalid, StaleVersion
from tests.support.store import Store, running_store


def caller(*, peer: str = "203.0.113.7", scopes: str | None = None, path: str = "/v1/carts", **headers: str) -> Caller:
    context: dict[str, Any] = {"http": {"method": "POST", "path": path, "sourceIp": peer}}
    if scopes is not None:
        context["authorizer"] = {"lambda": {"actor": "key_1", "scopes": scopes}}
    event = {
        "version": "2.0",
        "routeKey": "POST /v1/carts",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": context,
    }
    return Caller(APIGatewayProxyEventV2(event))


class TestActor:
    def test_is_a_shopper_without_a_name_when_nobody_asked(self) -> None:
        assert caller().actor == Actor(kind="shopper", id="")
        assert str(caller().actor) == "shopper"

    def test_is_the_staff_key_that_the_authorizer_let_in(self) -> None:
        actor = caller(scopes="orders:read staff:write").actor

        assert str(actor) == "staff:key_1"
        assert actor.scopes == {"orders:read", "staff:write"}

    def test_cannot_be_claimed_by_a_header(self) -> None:
        assert caller(authorization="Bearer twsk_x", actor="staff:key_1", x_authorizer="*").actor.kind == "shopper"

    def test_needs_the_scope_or_the_star(self) -> None:
        Actor(kind="staff", id="k", scopes=frozenset({"a:b"})).require("a:b")
        Actor(kind="staff", id="k", scopes=frozenset({"*"})).require("a:b")
        with pytest.raises(Forbidden):
            Actor(kind="staff", id="k", scopes=frozenset({"a:c"})).require("a:b")
        with pytest.raises(Forbidden):
            system_call(worker="w", now=now()).actor.require("a:b")


class TestAddress:
    @pytest.fixture(params=["0", "1", "2"])
    def hops(self, request: pytest.FixtureRequest) -> Iterator[str]:
        with running_store(TRUSTED_PROXY_HOPS=request.param):
            yield request.param

    def test_is_what_our_outermost_proxy_saw(self, hops: str) -> None:
        """The shopper made up the first entry; the others were written by who stood before whom."""
        told = {"0": "10.0.0.2", "1": "10.0.0.1", "2": "198.51.100.9"}

        found = caller(peer="10.0.0.2", x_forwarded_for="6.6.6.6, 198.51.100.9, 10.0.0.1, 10.0.0.2").ip

        assert found == told[hops]

    @pytest.mark.parametrize("header", ["", " ", ",,", ", ,"])
    def test_is_the_peer_without_a_list(self, hops: str, header: str) -> None:
        assert caller(peer="10.0.0.2", x_forwarded_for=header).ip == "10.0.0.2"

    def test_is_the_peer_when_the_list_is_too_short(self) -> None:
        with running_store(TRUSTED_PROXY_HOPS="2"):
            assert caller(peer="10.0.0.2", x_forwarded_for="6.6.6.6, 10.0.0.1").ip == "10.0.0.2"


class TestOnce:
    @staticmethod
    def pk(found: Call) -> str:
        assert found.once is not None
        return found.once.pk

    def test_is_none_without_a_key(self, store: Store) -> None:
        assert caller().call(fingerprinted="{}").once is None

    @pytest.mark.parametrize("key", ["k", "", "ключ"])
    def test_is_none_for_a_read_whatever_its_key(self, key: str) -> None:
        """And needs no signing keys, which the role of a read does not allow."""
        assert caller(idempotency_key=key).call(fingerprinted=None).once is None

    def test_is_scoped_to_caller_and_route_and_key(self, store: Store) -> None:
        def pk(**said: str) -> str:
            return self.pk(caller(**{"idempotency_key": "k"} | said).call(fingerprinted="{}"))

        assert pk() == pk()
        assert len({pk(), pk(idempotency_key="k2"), pk(user_agent="x"), pk(peer="10.1.1.1"), pk(scopes="*")}) == 5
        assert len({pk(), pk(order_token="k1.mine"), pk(order_token="k1.yours")}) == 3, "a token is a credential"

    def test_is_the_same_for_a_staff_key_wherever_it_calls_from(self, store: Store) -> None:
        home = caller(idempotency_key="k", scopes="*", peer="10.0.0.1", user_agent="a").call(fingerprinted="{}")
        away = caller(idempotency_key="k", scopes="a:b", peer="10.0.0.2", user_agent="b").call(fingerprinted="{}")

        assert self.pk(home) == self.pk(away)

    def test_holds_path_and_body_but_shows_neither(self, store: Store) -> None:
        one = caller(idempotency_key="k", path="/v1/carts/a").call(fingerprinted='{"a": 1, "b": 2}').once
        same = caller(idempotency_key="k", path="/v1/carts/a").call(fingerprinted='{"b":2,"a":1}').once
        other = caller(idempotency_key="k", path="/v1/carts/b").call(fingerprinted='{"a": 1, "b": 2}').once

        assert one is not None
        assert same is not None
        assert other is not None
        assert one.request == same.request != other.request
        assert "carts/a" not in repr(one)


class TestExpectedVersion:
    @pytest.mark.parametrize(("tag", "version"), [('"3"', 3), ('W/"12"', 12), ("*", None), (None, None)])
    def test_is_what_if_match_says(self, store: Store, tag: str | None, version: int | None) -> None:
        said = {} if tag is None else {"if_match": tag}

        assert caller(**said).call(fingerprinted="").expected_version == version

    def test_must_be_the_present_one(self) -> None:
        call = Call(now=now(), actor=Actor(kind="shopper", id=""), expected_version=3)

        call.check_version(3)
        with pytest.raises(StaleVersion, match="version 3, but it is at version 4"):
            call.check_version(4)
        Call(now=now(), actor=Actor(kind="shopper", id="")).check_version(9)

    def test_is_refused_when_it_cannot_be_meant(self, store: Store) -> None:
        with pytest.raises(Invalid, match="If-Match"):
            caller(if_match="three").call(fingerprinted="")


class TestCall:
    def test_does_not_print_an_address(self, store: Store) -> None:
        assert "203.0.113.7" not in repr(caller().call(fingerprinted=""))
