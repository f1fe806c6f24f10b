"""The parent of all workers: it imports what handlers need once, then forks a worker in milliseconds.

It imports modules and never makes clients, starts no thread, and knows no function's secrets. It speaks frames
over the socket whose number is its first argument; a request to fork carries the worker's socket and its output.
"""

import contextlib
import functools
import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
from typing import Any

from local.workers import lifetime, worker
from local.workers.protocol import HEADER_BYTES, Closed, WorkerSpec, pack, receive

THIRD_PARTY = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.event_handler.openapi.params",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.tracing",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.parameters",
    "aws_lambda_powertools.utilities.typing",
    "boto3",
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

SERVICES = ("dynamodb", "sqs", "events", "ssm", "sns", "ses", "sesv2", "s3")


def main() -> None:
    """Preload, say so, and serve until the runtime is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    parent, search_path = int(sys.argv[2]), json.loads(sys.argv[3])
    lifetime.die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = time.perf_counter()
    failed = preload(search_path)
    gc.collect()
    gc.freeze()
    control.sendall(pack({"ready": True, "seconds": time.perf_counter() - started, "failed": failed}))
    with contextlib.suppress(Closed, OSError):
        _serve(control)
    os._exit(0)


def preload(search_path: list[str]) -> list[str]:
    """Import third-party packages and every package found on `search_path`; return what could not be imported."""
    sys.path[:0] = search_path
    _share_service_models()
    names = [*THIRD_PARTY]
    for entry in search_path:
        names += [module.name for module in pkgutil.walk_packages([entry], onerror=lambda _name: None)]
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a broken module is reported by the worker that imports it
            failed.append(f"{name}: {error}")
            sys.modules.pop(name, None)
    return failed


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


def _serve(control: socket.socket) -> None:
    wake_read, wake_write = socket.socketpair()
    wake_write.setblocking(False)
    wake_read.setblocking(False)
    signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: set[int] = set()
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(wake_read, selectors.EVENT_READ)
    while True:
        for key, _events in selector.select():
            if key.fileobj is control:
                _handle(control, children, to_close=(selector, wake_read, wake_write))
            else:
                with contextlib.suppress(BlockingIOError):
                    wake_read.recv(4096)
        _reap(control, children)


def _handle(control: socket.socket, children: set[int], to_close: tuple[Any, ...]) -> None:
    # Descriptors come with a frame's first bytes, so the header is read apart and never reaches into another frame.
    header, descriptors, _flags, _address = socket.recv_fds(control, HEADER_BYTES, 2)
    if not header:
        raise Closed
    request = json.loads(receive(control, header))
    if "kill" in request:
        if request["kill"] in children:
            os.kill(request["kill"], signal.SIGKILL)
        return
    connection, output = descriptors
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        for resource in to_close:
            resource.close()
        control.close()
        _start_worker(parent, WorkerSpec(**request["fork"]), connection, output)
    os.close(connection)
    os.close(output)
    children.add(pid)
    control.sendall(pack({"forked": pid}))


def _start_worker(parent: int, spec: WorkerSpec, connection: int, output: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    lifetime.die_with_parent(parent)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        worker.serve(spec, socket.socket(fileno=connection))
    finally:
        os._exit(1)


def _reap(control: socket.socket, children: set[int]) -> None:
    while children:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        children.discard(pid)
        control.sendall(pack({"exited": pid, "status": os.waitstatus_to_exitcode(status)}))


if __name__ == "__main__":
    main()
