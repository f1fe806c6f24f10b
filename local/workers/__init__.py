"""Run functions in forked worker processes, one invocation at a time each, as Lambda does."""

from local.workers.environment import Endpoints
from local.workers.logs import LogBook, LogRecord
from local.workers.pool import FunctionError, Invocation, Throttled, WorkerPool

__all__ = ["Endpoints", "FunctionError", "Invocation", "LogBook", "LogRecord", "Throttled", "WorkerPool"]
