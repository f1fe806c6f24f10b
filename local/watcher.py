"""Hot reload: watch handlers, layers and templates, and hand changes to the store."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, awatch

from local.store import LocalStore
from local.templates import TemplateError

_SUFFIXES = (".py", ".yaml", ".yml", ".json", ".j2", ".html", ".txt")
_DEBOUNCE_MS = 50


def _matters(_change: Change, path: str) -> bool:
    return path.endswith(_SUFFIXES) and "__pycache__" not in path


def _watched(root: Path) -> list[Path]:
    return [path for path in (root / "functions", root / "layers", root / "template.yaml") if path.exists()]


async def watch(store: LocalStore, *, say: Callable[[str], None], stop: asyncio.Event) -> None:
    """Reload what changes until `stop` is set. A template that cannot be read leaves the old one in place."""
    async for changes in awatch(
        *_watched(store.application.root), watch_filter=_matters, debounce=_DEBOUNCE_MS, stop_event=stop
    ):
        changed = {Path(path) for _change, path in changes}
        try:
            renewed = await store.reload(changed)
        except (TemplateError, KeyError, RuntimeError) as error:
            say(f"not reloaded: {error}")
            continue
        if renewed:
            names = ", ".join(sorted(path.name for path in changed))
            say(f"reloaded {len(renewed)} function{'s' * (len(renewed) > 1)} ({names})")
