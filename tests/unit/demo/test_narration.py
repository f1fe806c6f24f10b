import io
import json
import shlex

from local.demo.narration import Narrator, curl, pretty


class TestCurl:
    def test_can_be_copied_into_a_shell(self):
        line = curl("POST", "http://s/v1/carts", headers={"Order-Token": "a b"}, body={"name": "Ada's café"})

        words = shlex.split(line)

        assert words[:4] == ["curl", "-sS", "-X", "POST"]
        assert "Order-Token: a b" in words
        assert json.loads(words[-1]) == {"name": "Ada's café"}

    def test_is_plain_for_a_read(self):
        assert curl("GET", "http://s/v1/products", headers={}, body=None) == "curl -sS http://s/v1/products"


class TestPretty:
    def test_keeps_on_one_line_what_fits(self):
        assert pretty({"id": "a", "total": {"amount": 1, "currency": "USD"}}) == (
            '{"id": "a", "total": {"amount": 1, "currency": "USD"}}'
        )

    def test_breaks_what_does_not_fit(self):
        value = {"lines": [{"sku": "S" * 80, "quantity": 1}, {"sku": "T" * 80, "quantity": 2}], "empty": []}

        text = pretty(value)

        assert json.loads(text) == value
        assert len(text.splitlines()) == 7
        assert max(len(line) for line in text.splitlines()) <= 120


class TestNarrator:
    def test_colors_when_asked(self):
        out = io.StringIO()

        Narrator(out, color=True).fine("good")

        assert out.getvalue() == "\x1b[32mok\x1b[0m  good\n"

    def test_numbers_its_chapters(self):
        out = io.StringIO()
        tell = Narrator(out)

        tell.chapter("One")
        tell.chapter("Two")

        assert out.getvalue() == "\n1. One\n\n2. Two\n"
