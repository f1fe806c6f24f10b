"""What counts as one network."""

import pytest

from commerce.kernel.networks import network


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("198.51.100.255", "198.51.100.0/24"),
        ("198.51.101.0", "198.51.101.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::3", "2001:db8:1::/48"),
        ("", ""),
        ("somewhere", ""),
    ],
)
def test_a_household_is_one(address: str, expected: str) -> None:
    assert network(address) == expected
