"""Signatures and cursors: who made them, what for, and nothing else passes."""

import base64

import pytest

from commerce.kernel.paging import BadCursor, cut, opened, sealed
from commerce.kernel.signing import SigningKey, SigningKeys

OLD = SigningKey(id="k1", secret=b"old secret")
NEW = SigningKey(id="k2", secret=b"new secret")
BEFORE, DURING, AFTER = SigningKeys((OLD,)), SigningKeys((NEW, OLD)), SigningKeys((NEW,))


class TestSigning:
    def test_verifies_what_it_signed(self) -> None:
        assert BEFORE.verifies("order-token", "ord_1", BEFORE.sign("order-token", "ord_1"))

    def test_binds_a_signature_to_purpose_and_message(self) -> None:
        signature = BEFORE.sign("order-token", "ord_1")

        assert not BEFORE.verifies("cursor", "ord_1", signature)
        assert not BEFORE.verifies("order-token", "ord_2", signature)

    def test_tells_purpose_and_message_apart(self) -> None:
        assert not BEFORE.verifies("a", "bc", BEFORE.sign("ab", "c"))

    def test_keeps_two_keys_valid_while_one_is_replaced(self) -> None:
        old = BEFORE.sign("p", "m")
        new = DURING.sign("p", "m")

        assert DURING.verifies("p", "m", old)
        assert new.startswith("k2.")
        assert AFTER.verifies("p", "m", new)
        assert not AFTER.verifies("p", "m", old)

    def test_does_not_take_one_key_for_another(self) -> None:
        impostor = SigningKeys((SigningKey(id="k1", secret=b"guess"),))

        assert not BEFORE.verifies("p", "m", impostor.sign("p", "m"))

    @pytest.mark.parametrize("signature", ["", ".", "k1", "k1.", "k1.x", "k9.x", "\x00.é", "k1." + "A" * 10_000, "ä.ö"])
    def test_refuses_garbage_without_raising(self, signature: str) -> None:
        assert not BEFORE.verifies("p", "m", signature)

    def test_hides_nothing_of_the_message_in_the_signature(self) -> None:
        assert "secret-message" not in BEFORE.sign("p", "secret-message")


class TestCursor:
    def test_opens_to_its_position(self) -> None:
        cursor = sealed("2026-11-22#prod_1", scope="products", keys=BEFORE)

        assert opened(cursor, scope="products", keys=BEFORE) == "2026-11-22#prod_1"

    def test_keeps_a_position_with_the_seals_own_letters(self) -> None:
        position = "a|b.c\nd=é"

        assert opened(sealed(position, scope="s", keys=BEFORE), scope="s", keys=BEFORE) == position

    def test_belongs_to_its_caller_and_query(self) -> None:
        cursor = sealed("x", scope="orders staff:key_1 placed", keys=BEFORE)

        with pytest.raises(BadCursor):
            opened(cursor, scope="orders staff:key_2 placed", keys=BEFORE)
        with pytest.raises(BadCursor):
            opened(cursor, scope="orders staff:key_1 pending", keys=BEFORE)

    def test_fits_a_url_as_it_is(self) -> None:
        for number in range(50):
            cursor = sealed(f"{number}~?/+é", scope="s", keys=BEFORE)
            assert cursor.replace("-", "").replace("_", "").isalnum()

    def test_survives_the_replacement_of_a_key(self) -> None:
        cursor = sealed("x", scope="s", keys=BEFORE)

        assert opened(cursor, scope="s", keys=DURING) == "x"

    @pytest.mark.parametrize(
        "cursor",
        ["", "x", "=", "====", "a b", "%%%", "é", "\x00", "A" * 5000, base64.urlsafe_b64encode(b"\xff\xfe").decode()],
    )
    def test_refuses_garbage(self, cursor: str) -> None:
        with pytest.raises(BadCursor):
            opened(cursor, scope="s", keys=BEFORE)

    def test_refuses_a_changed_position(self) -> None:
        cursor = sealed("row-1", scope="s", keys=BEFORE)
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        changed = base64.urlsafe_b64encode(text.replace("row-1", "row-2").encode()).decode().rstrip("=")

        with pytest.raises(BadCursor):
            opened(changed, scope="s", keys=BEFORE)


class TestPage:
    @staticmethod
    def page(found: int, limit: int) -> tuple[list[int], str | None]:
        page = cut(range(found), limit=limit, shown=lambda row: row * 10, cursor=lambda row: f"after {row}")
        return page.items, page.next_cursor

    def test_goes_on_when_the_query_found_one_more(self) -> None:
        assert self.page(found=3, limit=2) == ([0, 10], "after 1")

    @pytest.mark.parametrize(("found", "items"), [(2, [0, 10]), (1, [0]), (0, [])])
    def test_ends_when_it_found_no_more(self, found: int, items: list[int]) -> None:
        assert self.page(found=found, limit=2) == (items, None)
