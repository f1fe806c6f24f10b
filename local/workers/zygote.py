"""The parents of all workers: they import what handlers need once, then fork a worker in milliseconds.

The root zygote imports third-party packages. From it a zygote per stack is forked, which takes the environment
that the stack's functions share and imports their layers: modules may read the environment when they are
imported, so code of ours is never imported in a foreign one. Zygotes never make clients and start no thread.

They speak frames over a socket whose number is the first argument; requests carry descriptors for the child.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from typing import NoReturn

from local.workers import lifetime, worker
from local.workers.protocol import HEADER_BYTES, Closed, WorkerSpec, pack, receive

THIRD_PARTY = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.event_handler.openapi.params",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.typing",
    "botocore.auth",
    "botocore.client",
    "botocore.handlers",
    "botocore.httpsession",
    "botocore.retries.standard",
    "jinja2",
    "pydantic",
    "pynamodb.models",
    "pynamodb.connection",
    "pynamodb.transactions",
    "stripe",
    "tenacity",
)
SERVICES = ("dynamodb", "events", "sesv2", "sns", "sqs", "ssm")


def main() -> NoReturn:
    """Be the root zygote until the runtime is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    lifetime.die_with_parent(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = time.perf_counter()
    _share_service_models()
    failed = import_all(THIRD_PARTY)
    _serve(control, started, failed)


def import_all(names: Iterable[str]) -> list[str]:
    """Import modules; return what could not be imported, with the reason."""
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a broken module is reported by the worker that imports it
            failed.append(f"{name}: {error}")
            sys.modules.pop(name, None)
    return failed


def modules_below(folders: Sequence[str]) -> list[str]:
    """Name every module of the packages in some folders; scripts for builds beside them are no packages."""
    names = []
    for folder in folders:
        for found in pkgutil.iter_modules([folder]):
            names.append(found.name)
            if found.ispkg:
                below = pkgutil.walk_packages([f"{folder}/{found.name}"], f"{found.name}.", lambda _name: None)
                names += [module.name for module in below]
    return names


def _share_service_models() -> None:
    """Read botocore's descriptions of the services once for all workers; they are never changed after loading."""
    loaders = importlib.import_module("botocore.loaders")
    load = functools.cache(loaders.JSONFileLoader().load_file)
    loaders.JSONFileLoader.load_file = lambda _self, path: load(path)
    loader = loaders.create_loader()
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader.load_data(name)
    for service in SERVICES:
        for kind in ("service-2", "endpoint-rule-set-1", "paginators-1"):
            with contextlib.suppress(Exception):
                loader.load_service_model(service, kind)


class _Zygote:
    """The loop of a zygote: fork what is asked for, report what has ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: set[int] = set()
        self._wake, self._waker = socket.socketpair()
        for end in (self._wake, self._waker):
            end.setblocking(False)  # noqa: FBT003 - the socket's own signature
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until the other end hangs up; raise Closed then."""
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is self._control:
                    self._handle()
                else:
                    with contextlib.suppress(BlockingIOError):
                        self._wake.recv(4096)
            self._reap()

    def _handle(self) -> None:
        # Descriptors come with a frame's first bytes, so the header is read apart and never reaches into another frame.
        header, descriptors, _flags, _address = socket.recv_fds(self._control, HEADER_BYTES, 2)
        if not header:
            raise Closed
        request = json.loads(receive(self._control, header))
        if "kill" in request:
            if request["kill"] in self._children:
                os.kill(request["kill"], signal.SIGKILL)
            return
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._leave()
            lifetime.die_with_parent(parent)
            if "stack" in request:
                _be_stack_zygote(socket.socket(fileno=descriptors[0]), **request["stack"])
            _be_worker(WorkerSpec(**request["worker"]), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children.add(pid)
        self._control.sendall(pack({"forked": pid}))

    def _leave(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for end in (self._control, self._wake, self._waker):
            end.close()

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._children.discard(pid)
            self._control.sendall(pack({"exited": pid, "status": os.waitstatus_to_exitcode(status)}))


def _serve(control: socket.socket, started: float, failed: list[str]) -> NoReturn:
    gc.collect()
    gc.freeze()
    with contextlib.suppress(Closed, OSError):
        control.sendall(pack({"seconds": time.perf_counter() - started, "failed": failed}))
        _Zygote(control).run()
    os._exit(0)


def _be_stack_zygote(control: socket.socket, search_path: list[str], environment: dict[str, str]) -> NoReturn:
    started = time.perf_counter()
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = search_path
    _serve(control, started, import_all(modules_below(search_path)))


def _be_worker(spec: WorkerSpec, connection: int, output: int) -> NoReturn:
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        worker.serve(spec, socket.socket(fileno=connection))
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
