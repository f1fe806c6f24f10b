"""A worker process: it is one function, and runs one invocation at a time until its socket closes."""

import importlib
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from local.workers.context import LambdaContext
from local.workers.protocol import Closed, WorkerSpec, pack, pack_raw, receive

MAX_RESPONSE_BYTES = 6_291_556

type Handler = Callable[[Any, LambdaContext], Any]


def serve(spec: WorkerSpec, connection: socket.socket) -> NoReturn:
    """Load the handler, say how that went, and answer invocations until the socket closes."""
    _become(spec)
    try:
        handler = _load(spec.handler)
    except BaseException as error:  # noqa: BLE001 - whatever the import raises is the function's answer
        kind = "Runtime.ImportModuleError" if isinstance(error, ImportError) else None
        _send(connection, _failure(error, kind=kind))
        os._exit(1)
    try:
        _send(connection, pack({"loaded": True}))
        while True:
            _send(connection, _invoke(handler, json.loads(receive(connection)), spec))
    except (Closed, OSError):
        os._exit(0)


def _send(connection: socket.socket, reply: bytes) -> None:
    # The output first: the runtime reads it when the reply arrives, so each line finds its invocation.
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(reply)


def _become(spec: WorkerSpec) -> None:
    os.environ.clear()
    os.environ.update(spec.environment)
    if hasattr(time, "tzset"):
        time.tzset()
    # What Lambda has on its path: the function's folder, its layers, the installed packages. Not this repository.
    installed = [entry for entry in sys.path if "site-packages" in entry or "lib/python" in entry]
    sys.path[:] = [*spec.search_path, *installed]
    for name in [name for name in sys.modules if name == "local" or name.startswith("local.")]:
        del sys.modules[name]
    os.chdir(spec.environment["LAMBDA_TASK_ROOT"])


def _load(handler: str) -> Handler:
    module, _, attribute = handler.rpartition(".")
    found: Handler = getattr(importlib.import_module(module.replace("/", ".")), attribute)
    return found


def _invoke(handler: Handler, request: dict[str, Any], spec: WorkerSpec) -> bytes:
    clock = sys.modules.get("commerce.kernel.clock")
    if clock is not None:
        clock.set_offset(request["clock_offset"])
    context = LambdaContext(request_id=request["request_id"], arn=spec.arn, deadline=request["deadline"])
    try:
        result = handler(request["event"], context)
    except SystemExit as error:
        return _failure(error, kind="Runtime.ExitError")
    except BaseException as error:  # noqa: BLE001 - whatever a handler raises is its answer
        return _failure(error)
    try:
        body = json.dumps(result, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError) as error:
        return _failure(error, kind="Runtime.MarshalError")
    if len(body) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        return _failure(ValueError(message), kind="Function.ResponseSizeTooLarge")
    return pack_raw(b'{"result":' + body + b"}")


def _failure(error: BaseException, *, kind: str | None = None) -> bytes:
    # Lambda keeps a traceback in one log record by ending its lines with a carriage return.
    trace = "".join(traceback.format_exception(error)).replace("\n", "\r")
    print(f"[ERROR] {kind or type(error).__name__}: {error}\r{trace}")
    return pack(
        {
            "error": {
                "errorMessage": str(error),
                "errorType": kind or type(error).__name__,
                "stackTrace": traceback.format_tb(error.__traceback__),
            }
        }
    )
