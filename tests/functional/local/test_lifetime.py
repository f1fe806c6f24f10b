"""Start, stop, kill, reload and restart: nothing is left behind, nothing durable is lost."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from local.options import ROOT
from local.running import RunningStore, running_store
from tests.functional.local.conftest import TOY, Toy
from tests.support.dynamodb_local import require_java

PARAMETERS = {"SecretName": "/toy/secret", "AlertEmail": "alerts@example.com"}


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pids: list[int], *, seconds: float) -> list[int]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(map(alive, pids)):
        time.sleep(0.02)
    return [pid for pid in pids if alive(pid)]


def all_pids(running: RunningStore) -> list[int]:
    functions = httpx.get(f"{running.control_url}/_local/functions", trust_env=False).json()["items"]
    workers = [worker["pid"] for function in functions for worker in function["workers"]]
    return [*running.info["pids"].values(), *workers]


class TestEnd:
    def test_a_polite_end_leaves_no_process_and_is_quick(self, tmp_path: Path) -> None:
        require_java()
        data = tmp_path / "data"
        with running_store(template=TOY / "template.yaml", parameters=PARAMETERS, data=data) as running:
            toy = Toy(running)
            toy.put("kept", size=9)
            toy.tick(3600)
            offset = toy.control.get("/info").json()["clock_offset_seconds"]
            pids = all_pids(running)
            toy.close()
            began = time.monotonic()
            running.process.send_signal(signal.SIGINT)
            running.process.wait(5)
            took = time.monotonic() - began

            assert running.process.returncode == 0
            assert wait_until_gone(pids, seconds=1) == []
            assert took < 3
        assert offset == 3600

        with running_store(template=TOY / "template.yaml", parameters=PARAMETERS, data=data) as running:
            toy = Toy(running)
            info = toy.control.get("/info").json()

            assert toy.web.get("/v1/things/kept").json() == {"id": "kept", "size": 9}
            assert info["clock_offset_seconds"] == 3600
            assert len(toy.drain()["done"]) == 0
            assert toy.records("projection") == ['{"id": "kept", "event": "INSERT"}']

            # The worst end: nobody gets to say good-bye.
            pids = all_pids(running)
            toy.close()
            os.kill(running.process.pid, signal.SIGKILL)
            running.process.wait()

            assert wait_until_gone(pids, seconds=3) == []


class TestPorts:
    def test_a_port_in_use_is_said_clearly(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            outcome = run_store("--port", str(port), "--control-port", "0", "--data", "memory")

        assert outcome.returncode == 1
        assert f"Port {port} (the store) is in use" in outcome.stderr
        assert "--port N" in outcome.stderr
        assert "Traceback" not in outcome.stderr


class TestData:
    def test_two_stores_never_share_a_folder(self, tmp_path: Path) -> None:
        with (tmp_path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

            outcome = run_store("--port", "0", "--control-port", "0", "--data", str(tmp_path))

        assert outcome.returncode == 1
        assert f"Another store keeps its data in {tmp_path}" in outcome.stderr


class TestReload:
    def test_changed_handlers_layers_and_templates_are_taken_up(self, tmp_path: Path) -> None:
        require_java()
        copy = tmp_path / "app"
        shutil.copytree(TOY, copy, ignore=shutil.ignore_patterns("__pycache__"))
        options = ["--no-stripe"]
        with running_store(template=copy / "template.yaml", parameters=PARAMETERS, options=options) as running:
            toy = Toy(running)
            assert toy.web.get("/v1/things/none").json() == {"code": "thing.not_found"}

            edit(copy / "functions/web/things/get_thing.py", "thing.not_found", "thing.unknown")
            assert becomes(toy, "/v1/things/none", {"code": "thing.unknown"})

            edit(copy / "layers/toys/toys.py", "json.dumps(body),\n        **", "json.dumps([body]),\n        **")
            assert becomes(toy, "/v1/things/none", [{"code": "thing.unknown"}])

            edit(copy / "functions/web/template.yaml", "Path: /v1/things/mine", "Path: /v1/things/ours")
            assert becomes(toy, "/v1/things/mine", [{"code": "thing.unknown"}])
            toy.close()


def run_store(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.run", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def becomes(toy: Toy, path: str, body: object, *, seconds: float = 8.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if toy.web.get(path).json() == body:
            return True
        time.sleep(0.05)
    return False
