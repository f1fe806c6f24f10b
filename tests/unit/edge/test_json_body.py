"""JSON bodies: what is read, and what is refused before a model sees it."""

import json

import pytest

from commerce.entrypoints.json_body import DEEPEST, LONGEST_NUMBER, parse
from commerce.kernel.errors import Malformed


def refusal(text: str) -> str:
    with pytest.raises(Malformed) as caught:
        parse(text)
    [fault] = caught.value.errors
    assert fault.param == "body"
    assert fault.message
    return fault.code


class TestParse:
    @pytest.mark.parametrize(
        "value",
        [
            {},
            {"quantity": 1},
            {"name": "Zoë \u2028 \U0001f6d2", "list": [1, {"deep": None}], "yes": True, "price": 1.5},
            {"brackets in text": '[[[[[[[[[[[[[[[[[[[[{{{{{{{{{{{{{{\\"[['},
        ],
    )
    def test_reads_an_object(self, value: dict[str, object]) -> None:
        assert parse(json.dumps(value)) == value
        assert parse(json.dumps(value, ensure_ascii=False, indent=2)) == value

    def test_reads_to_the_deepest_level_and_no_deeper(self) -> None:
        def nested(levels: int) -> str:
            return '{"a":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

        assert parse(nested(DEEPEST))
        assert refusal(nested(DEEPEST + 1)) == "body.too_deep"
        assert refusal("[" * 1_000_000) == "body.too_deep"
        assert refusal('{"a":' * 100_000) == "body.too_deep"

    @pytest.mark.parametrize(
        "text", ["", " ", "{", '{"a":}', "{'a': 1}", '{"a": 1}x', "{a: 1}", '{"a": 01}', "\ufeff{}"]
    )
    def test_refuses_what_is_not_json(self, text: str) -> None:
        assert refusal(text) == "body.not_json"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("\ufeff{}", "The body begins with a byte order mark; send it without."),
            ('{"a": "\x00"}', "The body is not valid JSON: Invalid control character at line 1, column 8."),
            (
                '{"a": 1,}',
                "The body is not valid JSON: Illegal trailing comma before end of object at line 1, column 8.",
            ),
        ],
    )
    def test_says_where_it_stops_being_json(self, text: str, words: str) -> None:
        with pytest.raises(Malformed) as caught:
            parse(text)

        assert caught.value.detail == words

    @pytest.mark.parametrize("text", ["[]", "[1]", "null", "true", "1", '"text"', '[{"a": 1}]'])
    def test_refuses_everything_but_an_object(self, text: str) -> None:
        assert refusal(text) == "body.not_an_object"

    @pytest.mark.parametrize(
        "text", ['{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 1}', '{"x": [{"b": {}, "b": {}}]}', '{"": 1, "": 1}']
    )
    def test_refuses_a_key_that_stands_twice(self, text: str) -> None:
        assert refusal(text) == "body.duplicate_key"

    @pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '{"a": [-Infinity]}'])
    def test_refuses_numbers_that_json_does_not_know(self, text: str) -> None:
        assert refusal(text) == "body.not_json"

    def test_refuses_numbers_that_no_one_means(self) -> None:
        assert parse('{"a": ' + "9" * LONGEST_NUMBER + "}")
        assert refusal('{"a": ' + "9" * (LONGEST_NUMBER + 1) + "}") == "body.number_too_long"
        assert refusal('{"a": ' + "9" * 60_000 + "}") == "body.number_too_long"

    @pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"\\udfff": 1}', '{"a": ["\\ud83d"]}', '{"a": "\ud800"}'])
    def test_refuses_half_of_a_surrogate_pair(self, text: str) -> None:
        assert refusal(text) == "body.not_unicode"

    def test_says_where_the_json_breaks(self) -> None:
        with pytest.raises(Malformed, match="line 2, column 8"):
            parse('{\n  "a": oops}')
