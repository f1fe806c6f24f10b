"""Whose time a sample counts for."""

import pytest

from local.bench.profile import shares_of

HANDLER = "serve (local/workers/worker.py:33);handler (commerce/entrypoints/http.py:221)"


class TestSharesOf:
    @pytest.mark.parametrize(
        ("innermost", "part"),
        [
            ("resolve (aws_lambda_powertools/event_handler/api_gateway.py:2626)", "Powertools"),
            ("send (botocore/httpsession.py:509);encode (json/encoder.py:200)", "botocore, urllib3"),
            ("loads (json/__init__.py:340)", "ours"),
        ],
    )
    def test_counts_for_the_innermost_package(self, innermost: str, part: str) -> None:
        shares = shares_of([f"{HANDLER};{innermost} 3", f"{HANDLER} 1"])

        assert shares[part] == (1 if part == "ours" else 0.75)
        assert sum(shares.values()) == 1

    def test_leaves_out_what_waits(self) -> None:
        waiting = f"{HANDLER};readinto (socket.py:719) 90"
        idle = "serve (local/workers/worker.py:33);_read_exactly (local/workers/protocol.py:60) 900"

        assert shares_of([f"{HANDLER} 1", waiting, idle])["ours"] == 1

    def test_is_nothing_of_nothing(self) -> None:
        assert set(shares_of([]).values()) == {0}
