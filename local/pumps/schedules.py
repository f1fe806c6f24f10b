"""Functions that run by the clock: the store's clock, so that `tick` runs them too."""

import json
from datetime import UTC, datetime
from typing import Any

from local.clock import new_uuid
from local.pumps.expressions import next_fire
from local.pumps.invocations import AsyncInvoker
from local.pumps.means import Means
from local.templates import Application, Schedule
from local.templates.names import ACCOUNT, REGION


class SchedulePump:
    """All schedules of an application. After a jump of the clock each due schedule runs once, in order of time."""

    def __init__(self, application: Application, means: Means, *, invoker: AsyncInvoker) -> None:
        self._means = means
        self._invoker = invoker
        self._anchor = means.clock.moment()
        self._schedules: dict[str, Schedule] = {}
        self._due: dict[str, datetime | None] = {}
        self.adopt(application)

    def adopt(self, application: Application) -> None:
        """Follow a changed application; schedules that stayed the same keep their next moment."""
        old, self._schedules = self._schedules, {entry.name: entry for entry in application.schedules if entry.enabled}
        self._due = {
            name: self._due[name] if old.get(name) == schedule else self._next(schedule, self._means.clock.moment())
            for name, schedule in self._schedules.items()
        }

    def upcoming(self) -> dict[str, str | None]:
        """Return when each schedule runs next."""
        return {name: due.isoformat() if due else None for name, due in self._due.items()}

    async def run_due(self) -> list[str]:
        """Run the schedules whose time has come; return their names in order."""
        now = self._means.clock.moment()
        due = sorted((moment, name) for name, moment in self._due.items() if moment and moment <= now)
        for moment, name in due:
            schedule = self._schedules[name]
            self._due[name] = self._next(schedule, now)
            await self._run(schedule, moment)
        return [name for _moment, name in due]

    async def _run(self, schedule: Schedule, moment: datetime) -> None:
        self._means.tally["schedules"] += 1
        event = json.loads(schedule.input) if schedule.input is not None else scheduled_event(schedule, moment)
        if ":lambda:" in schedule.target_arn:
            self._invoker.submit(schedule.target_arn, event)
        else:
            await self._means.send_to(schedule.target_arn, event, {})

    def _next(self, schedule: Schedule, after: datetime) -> datetime | None:
        return next_fire(schedule.expression, after=after, anchor=self._anchor, timezone=schedule.timezone)


def scheduled_event(schedule: Schedule, moment: datetime) -> dict[str, Any]:
    """Build the event of a schedule without an input of its own."""
    scheduler = schedule.kind == "scheduler"
    return {
        "version": "0",
        "id": new_uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler" if scheduler else "aws.events",
        "account": ACCOUNT,
        "time": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [schedule.arn],
        "detail": "{}" if scheduler else {},
    }
