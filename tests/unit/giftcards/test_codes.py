"""Codes: what is printed, and what is stored in its place."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from commerce.adapters.code_keys import ALWAYS, CodeKey
from commerce.giftcards import codes
from commerce.giftcards.codes import ALPHABET, Code

KEY = CodeKey(number=0, secret=b"the first key", since=ALWAYS)
SECOND = CodeKey(number=1, secret=b"the second key", since=datetime(2027, 1, 1, tzinfo=UTC))
READ = TypeAdapter(Code)

seeds = st.text(min_size=1, max_size=40)


class TestMade:
    @given(seeds)
    def test_has_sixteen_letters_that_nobody_mistakes_and_checks_itself(self, seed: str) -> None:
        code = codes.made(seed=seed, key=KEY)

        assert len(code) == 16
        assert not set(code) & set("ILOU")
        assert codes.is_well_typed(code)

    def test_follows_from_seed_and_key_alone(self) -> None:
        assert codes.made(seed="a", key=KEY) == codes.made(seed="a", key=KEY)
        assert codes.made(seed="a", key=KEY) != codes.made(seed="b", key=KEY)
        assert codes.made(seed="a", key=KEY)[1:-1] != codes.made(seed="a", key=SECOND)[1:-1]

    def test_repeats_nowhere_among_many(self) -> None:
        made = {codes.made(seed=str(number), key=KEY) for number in range(20_000)}

        assert len(made) == 20_000

    def test_uses_each_letter_at_each_place(self) -> None:
        made = [codes.made(seed=str(number), key=KEY) for number in range(2_000)]

        for place in range(1, 16):
            assert {code[place] for code in made} == set(ALPHABET), place


class TestCheckLetter:
    @given(seeds, st.integers(0, 15), st.sampled_from(ALPHABET))
    def test_finds_any_one_wrong_letter(self, seed: str, place: int, letter: str) -> None:
        code = codes.made(seed=seed, key=KEY)
        typed = code[:place] + letter + code[place + 1 :]

        assert codes.is_well_typed(typed) == (typed == code)

    def test_finds_most_neighbours_that_changed_places(self) -> None:
        made = [codes.made(seed=str(number), key=KEY) for number in range(500)]
        swapped = [
            code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            for code in made
            for place in range(15)
            if code[place] != code[place + 1]
        ]

        missed = sum(map(codes.is_well_typed, swapped))

        assert missed < len(swapped) * 0.01


class TestTyped:
    @given(seeds)
    def test_is_read_as_it_is_shown(self, seed: str) -> None:
        code = codes.made(seed=seed, key=KEY)

        assert READ.validate_python(codes.shown(code)) == code
        assert READ.validate_python(codes.shown(code).lower().replace("-", " ")) == code

    def test_takes_look_alikes_for_what_they_look_like(self) -> None:
        assert READ.validate_python("oil2-3456-789a-bcde") == "01123456789ABCDE"

    @pytest.mark.parametrize(
        "text", ["", "0123-4567-89AB", "0123-4567-89AB-CDEFG", "0123456789ABCDEU", "0123456789ABCDÉF"]
    )
    def test_is_refused_when_it_cannot_be_one(self, text: str) -> None:
        with pytest.raises(ValidationError):
            READ.validate_python(text)


class TestCardId:
    def test_is_the_same_each_time_and_shows_nothing_of_the_code(self) -> None:
        code = codes.made(seed="a", key=KEY)
        found = codes.card_id(code, keys=(KEY,))

        assert found == codes.card_id(code, keys=(KEY,))
        assert found.startswith("gc_")
        assert len(found) == 29
        assert code[1:8].lower() not in found

    def test_stays_when_keys_are_added(self) -> None:
        code = codes.made(seed="a", key=KEY)

        assert codes.card_id(code, keys=(KEY,)) == codes.card_id(code, keys=(KEY, SECOND))

    def test_is_another_under_another_key(self) -> None:
        code = codes.made(seed="a", key=KEY)
        other = CodeKey(number=0, secret=b"somebody else's", since=ALWAYS)

        assert codes.card_id(code, keys=(KEY,)) != codes.card_id(code, keys=(other,))

    @given(seeds, st.integers(0, 15), st.sampled_from(ALPHABET))
    def test_of_a_mistyped_code_is_another(self, seed: str, place: int, letter: str) -> None:
        code = codes.made(seed=seed, key=KEY)
        typed = code[:place] + letter + code[place + 1 :]

        assert (codes.card_id(typed, keys=(KEY,)) == codes.card_id(code, keys=(KEY,))) == (typed == code)
