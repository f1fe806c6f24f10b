"""All pumps together: they run by themselves, and `drain` and `tick` make them finish."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local.clock import StoreClock
from local.engines.clients import Clients
from local.engines.link import EngineLink, News
from local.pumps.bus import BusPump, Post
from local.pumps.inbox import Inbox, sns_event
from local.pumps.invocations import AsyncInvoker
from local.pumps.means import Means
from local.pumps.queues import QueuePump
from local.pumps.schedules import SchedulePump
from local.pumps.streams import StreamPump
from local.pumps.stripe_link import StripeLink
from local.pumps.threads import Threads
from local.templates import Application
from local.workers import WorkerPool

FEED_SECONDS = 1.0
FEED_PAUSE_SECONDS = 0.02
"""What happens in between is told at once."""
STREAM_IDLE_SECONDS = 0.5
STREAM_PAUSE_SECONDS = 0.2
"""Lambda polls a shard four times a second; what comes in between makes one batch."""
CLOCK_SECONDS = 0.25
QUIET_ROUNDS = 2
LOG = logging.getLogger("local.pumps")


class Pumps:
    """The pumps of one application. `keep_checkpoints` is told how far the streams were read."""

    def __init__(
        self,
        application: Application,
        *,
        clients: Clients,
        link: EngineLink,
        pool: WorkerPool,
        clock: StoreClock,
        stripe: StripeLink | None = None,
        checkpoints: Mapping[str, Mapping[str, str]] | None = None,
        keep_checkpoints: Callable[[dict[str, dict[str, str]]], None] = lambda _all: None,
    ) -> None:
        self.tally: Counter[str] = Counter()
        self.inbox = Inbox()
        self._application = application
        self._link = link
        self._pool = pool
        self._clock = clock
        self._stripe = stripe
        self._kept_checkpoints = checkpoints or {}
        self._keep_checkpoints = keep_checkpoints
        self._threads = Threads()
        self._version = 0
        self._stirred = asyncio.Event()
        self._hurry = asyncio.Event()
        self._clock_held = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._post = Post(application, clients=clients, threads=self._threads)
        self._means = Means(clients, pool, self._threads, clock, self._post.send_to, self.tally)
        self.invoker = AsyncInvoker(application, self._means)
        self.bus = BusPump(application, invoker=self.invoker, post=self._post, tally=self.tally)
        self.schedules = SchedulePump(application, self._means, invoker=self.invoker)
        self._queues = self._queue_pumps(application)
        self._streams = self._stream_pumps(application)

    async def start(self) -> None:
        """Start to pump."""
        self._tasks = [
            asyncio.create_task(self._for_ever(work))
            for work in (self._follow_feed, self._follow_streams, self._follow_clock)
        ]

    async def stop(self) -> None:
        """Stop to pump; messages that are in work come back later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for queue in self._queues:
            await queue.stop()
        await self.invoker.stop()
        self._threads.stop()

    def stir(self) -> None:
        """Say that something may have been written: the streams are looked at soon."""
        self._stirred.set()

    async def adopt(self, application: Application) -> None:
        """Follow a changed application. Streams that are still mapped go on where they were."""
        self._kept_checkpoints = {stream.key: stream.checkpoints for stream in self._streams}
        for queue in self._queues:
            await queue.stop()
        for part in (self.invoker, self.bus, self._post):
            part.application = application
        self._application = application
        self.schedules.adopt(application)
        self._queues = self._queue_pumps(application)
        self._streams = self._stream_pumps(application)

    async def drain(self, *, seconds: float = 20.0) -> dict[str, Any]:
        """Pump until nothing is left that could happen now, or the time is up.

        What waits for a later moment (hidden messages, retries, schedules) is left and counted under `waiting`.
        """
        before, began = self.tally.copy(), time.monotonic()
        for queue in self._queues:
            queue.hurry(on=True)
        self._hurry.set()
        quiet, news = 0, await self._link.news(after=self._version)
        try:
            while quiet < QUIET_ROUNDS and time.monotonic() - began < seconds:
                marks = self.tally.total()
                if self._stripe:
                    self.tally["webhook_attempts"] += await self._stripe.deliver()
                self.invoker.run_due()
                # A batch that fails for ever must not hold the caller: what is cut off here is read again later.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._poll_streams(), max(0.1, began + seconds - time.monotonic()))
                # The follower of the feed has the news too; here they only tell whether it is done.
                news = await self._link.news(after=1 << 62)
                is_quiet = (
                    self.tally.total() == marks
                    and news.version == self._version
                    and not self._pool.busy
                    and not self.invoker.running
                    and not any(queue.busy or self._visible(news, queue) for queue in self._queues)
                )
                quiet = quiet + 1 if is_quiet else 0
                await asyncio.sleep(0.005 if is_quiet else 0.02)
        finally:
            for queue in self._queues:
                queue.hurry(on=False)
            self._hurry.clear()
        return {
            "quiet": quiet >= QUIET_ROUNDS,
            "seconds": round(time.monotonic() - began, 3),
            "done": dict(self.tally - before),
            "waiting": self._waiting(news),
        }

    async def tick(self, seconds: float, *, drain_seconds: float = 20.0) -> dict[str, Any]:
        """Move the clock of every part, run what became due (each schedule once), and drain."""
        async with self._clock_held:
            self._clock.move(seconds)
            await self._link.set_clock(self._clock.offset)
            if self._stripe:
                await self._stripe.set_clock(self._clock.offset)
            self.invoker.run_due()
            ran = await self.schedules.run_due()
        return {"now": self._clock.moment().isoformat(), "schedules": ran, **await self.drain(seconds=drain_seconds)}

    async def _follow_feed(self) -> None:
        news = await self._link.news(after=self._version, wait_seconds=FEED_SECONDS)
        for item in news.items:
            await self._take(item)
        self._version = news.version
        for queue in self._queues:
            queue.poke(self._visible(news, queue))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), FEED_PAUSE_SECONDS)

    async def _take(self, item: Mapping[str, Any]) -> None:
        if item["kind"] == "event":
            await self.bus.dispatch(item["bus"], item["event"])
        elif item["kind"] == "email":
            self.tally["emails"] += 1
            self.inbox.take_mail(item)
        elif item["kind"] == "notification":
            self.tally["notifications"] += 1
            self.inbox.take_notification(self._application, item)
            for subscription in self._application.subscriptions:
                if subscription.topic_arn == item["topic"] and subscription.protocol == "lambda":
                    self.invoker.submit(subscription.endpoint, sns_event(item, subscription.topic_arn))

    async def _follow_streams(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), STREAM_IDLE_SECONDS)
        self._stirred.clear()
        await self._poll_streams()
        await asyncio.sleep(STREAM_PAUSE_SECONDS)

    async def _poll_streams(self) -> int:
        records = sum(await asyncio.gather(*(stream.poll() for stream in self._streams)))
        if records:
            self._keep_checkpoints({stream.key: stream.checkpoints for stream in self._streams})
        return records

    async def _follow_clock(self) -> None:
        await asyncio.sleep(CLOCK_SECONDS)
        async with self._clock_held:
            self.invoker.run_due()
            await self.schedules.run_due()

    async def _for_ever(self, work: Callable[[], Any]) -> None:
        while True:
            try:
                await work()
            except (httpx.HTTPError, BotoCoreError, ClientError) as error:
                LOG.warning("%s: %s", work.__name__, error)
                await asyncio.sleep(1)

    def _queue_pumps(self, application: Application) -> list[QueuePump]:
        return [
            QueuePump(mapping, application.queue(mapping.queue_arn), self._means)
            for mapping in application.queue_mappings
        ]

    def _stream_pumps(self, application: Application) -> list[StreamPump]:
        return [
            StreamPump(
                mapping,
                application,
                self._means,
                checkpoints=self._kept_checkpoints.get(f"{mapping.table}>{mapping.function}"),
            )
            for mapping in application.stream_mappings
        ]

    def _visible(self, news: News, queue: QueuePump) -> int:
        return news.queues.get(queue.queue.name, {}).get("visible", 0)

    def _waiting(self, news: News) -> dict[str, int]:
        waiting = {
            name: depth["in_flight"] + depth["delayed"]
            for name, depth in news.queues.items()
            if depth["in_flight"] + depth["delayed"]
        }
        return waiting | ({"retries": self.invoker.waiting} if self.invoker.waiting else {})
