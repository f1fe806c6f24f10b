"""Schedule expressions: rates, crons with EventBridge's six fields, one-time schedules."""

from datetime import UTC, datetime

import pytest

from local.pumps.expressions import BadExpression, next_fire


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ANCHOR = moment("2026-01-01T00:00:30")


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("rate(5 minutes)", "2026-01-01T00:02:00", "2026-01-01T00:05:30"),
        ("rate(1 hour)", "2026-01-01T01:00:30", "2026-01-01T02:00:30"),
        ("rate(7 days)", "2026-01-01T01:00:30", "2026-01-08T00:00:30"),
        ("cron(30 2 * * ? *)", "2026-01-01T02:30:00", "2026-01-02T02:30:00"),
        ("cron(0/15 * * * ? *)", "2026-01-01T00:14:59", "2026-01-01T00:15:00"),
        ("cron(0 9 ? * MON-FRI *)", "2026-01-02T10:00:00", "2026-01-05T09:00:00"),
        ("cron(0 9 ? * 1 *)", "2026-01-02T10:00:00", "2026-01-04T09:00:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-01-02T10:00:00", "2026-01-05T09:00:00"),
        ("cron(0 9 ? * 6L *)", "2026-01-02T10:00:00", "2026-01-30T09:00:00"),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T00:00:00"),
        ("cron(0 8 1W * ? *)", "2026-07-31T12:00:00", "2026-08-03T08:00:00"),
        ("cron(5 4 29 FEB ? *)", "2026-01-01T00:00:00", "2028-02-29T04:05:00"),
        ("cron(0 12 1,15 * ? 2027)", "2026-01-01T00:00:00", "2027-01-01T12:00:00"),
        ("at(2026-03-01T10:00:00)", "2026-01-01T00:00:00", "2026-03-01T10:00:00"),
    ],
)
def test_next(expression: str, after: str, expected: str) -> None:
    assert next_fire(expression, after=moment(after), anchor=ANCHOR) == moment(expected)


def test_a_time_zone_moves_a_cron() -> None:
    fired = next_fire(
        "cron(0 9 * * ? *)", after=moment("2026-01-01T00:00:00"), anchor=ANCHOR, timezone="America/New_York"
    )

    assert fired == moment("2026-01-01T14:00:00")


@pytest.mark.parametrize("expression", ["at(2020-01-01T00:00:00)", "cron(0 0 1 1 ? 2020)"])
def test_what_is_over_never_fires(expression: str) -> None:
    assert next_fire(expression, after=moment("2026-01-01T00:00:00"), anchor=ANCHOR) is None


@pytest.mark.parametrize(
    "expression",
    ["every day", "rate(0 minutes)", "rate(5 weeks)", "cron(0 0 * * *)", "cron(0 0 1 * 1 *)", "cron(61 0 * * ? *)"],
)
def test_refuses_what_eventbridge_refuses(expression: str) -> None:
    with pytest.raises(BadExpression):
        next_fire(expression, after=ANCHOR, anchor=ANCHOR)
