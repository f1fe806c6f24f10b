"""Staff tokens: how they look, and that nothing else passes for one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from commerce.staff.model import (
    SCOPES,
    TOKEN,
    ScopeNotYours,
    StaffToken,
    can_manage_keys,
    check_grant,
    new_key_id,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class TestStaffToken:
    def test_reads_what_it_wrote(self) -> None:
        token = StaffToken.new(now=NOW)

        assert TOKEN.fullmatch(token.text)
        assert StaffToken.parsed(token.text) == token
        assert StaffToken.from_header(f"Bearer {token.text}") == token

    def test_is_never_the_same_twice(self) -> None:
        tokens = {StaffToken.new(now=NOW).text for _ in range(200)}

        assert len(tokens) == 200

    def test_carries_160_random_bits(self) -> None:
        assert len(StaffToken.new(now=NOW).secret) * 5 == 160

    def test_hides_its_secret_when_printed(self) -> None:
        token = StaffToken.new(now=NOW)

        assert token.secret not in repr(token)
        assert token.secret not in str(token)

    def test_matches_its_own_digest_alone(self) -> None:
        token, other = StaffToken.new(now=NOW), StaffToken.new(now=NOW)

        assert token.matches(token.digest)
        assert not token.matches(other.digest)
        assert not token.matches("")
        assert token.secret not in token.digest

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_takes_the_scheme_in_any_case(self, scheme: str) -> None:
        token = StaffToken.new(now=NOW)

        assert StaffToken.from_header(f"{scheme} {token.text}") == token

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda text: text,
            lambda text: f"Basic {text}",
            lambda text: f"Bearer  {text}",
            lambda text: f"Bearer\t{text}",
            lambda text: f"Bearer {text} ",
            lambda text: f"Bearer {text}\n",
            lambda text: f" Bearer {text}",
            lambda text: f"Bearer {text}, Bearer {text}",
            lambda text: f"Bearer {text[:-1]}",
            lambda text: f"Bearer {text}a",
            lambda text: f"Bearer {text.upper()}",
            lambda text: f"Bearer {text.replace('_', '-')}",
            lambda text: f"Bearer {text[:-1]}ä",
            lambda text: f"Bearer {text[:-1]}1",
            lambda _: "",
            lambda _: "Bearer",
            lambda _: "Bearer ",
            lambda _: "Bearer null",
        ],
    )
    def test_refuses_whatever_is_not_exactly_one_bearer_token(self, spoil: Callable[[str], str]) -> None:
        assert StaffToken.from_header(spoil(StaffToken.new(now=NOW).text)) is None


class TestKeyIds:
    def test_sort_by_time_of_making(self) -> None:
        moments = [NOW + timedelta(milliseconds=step) for step in range(0, 5000, 7)]

        ids = [new_key_id(moment) for moment in moments]

        assert ids == sorted(ids)


class TestScopes:
    def test_grants_what_the_granter_has(self) -> None:
        check_grant(wanted=frozenset({"orders:read"}), granter=frozenset({"orders:read", "staff:write"}))

    def test_lets_the_star_grant_everything(self) -> None:
        check_grant(wanted=frozenset(SCOPES), granter=frozenset({"*"}))

    def test_refuses_more_than_the_granter_has(self) -> None:
        with pytest.raises(ScopeNotYours, match=r"catalog:write, orders:read"):
            check_grant(
                wanted=frozenset({"orders:read", "catalog:write", "staff:write"}), granter=frozenset({"staff:write"})
            )

    def test_refuses_the_star_to_whoever_has_every_other_scope(self) -> None:
        with pytest.raises(ScopeNotYours):
            check_grant(wanted=frozenset({"*"}), granter=frozenset(SCOPES) - {"*"})

    @pytest.mark.parametrize(
        ("scopes", "manages"),
        [({"*"}, True), ({"staff:write"}, True), ({"staff:read", "orders:write"}, False), (set(), False)],
    )
    def test_knows_who_manages_keys(self, scopes: set[str], manages: bool) -> None:  # noqa: FBT001
        assert can_manage_keys(frozenset(scopes)) is manages
