"""Networks, as far as limits tell callers apart: one household or office counts as one."""

import ipaddress

IPV4_PREFIX, IPV6_PREFIX = 24, 48


def network(address: str) -> str:
    """Return the network of an IP address (/24 of IPv4, /48 of IPv6); empty for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    prefix = IPV4_PREFIX if parsed.version == 4 else IPV6_PREFIX  # noqa: PLR2004 - the protocol's own number.
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
