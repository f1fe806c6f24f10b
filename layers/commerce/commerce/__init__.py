"""Tradewind's own code: one package per domain, on a kernel that knows no shop word."""

import gc
import os

IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME" in os.environ

if IN_LAMBDA:
    # Imports make what stays. Looking through it for garbage takes a tenth of a cold start; the first invocation ends.
    gc.disable()
