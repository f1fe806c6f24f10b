"""Threads for blocking calls of the SDK. No handler ever runs in one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Threads:
    """A pool of threads."""

    def __init__(self, size: int = 16) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix="pump")

    async def run[Result](self, call: Callable[[], Result]) -> Result:
        """Run a blocking call in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def stop(self) -> None:
        """Let the threads end; calls that have not begun are dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)
