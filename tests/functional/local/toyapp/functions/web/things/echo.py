"""ANY /v1/echo/{proxy+}"""

import os
import sys

from toys import answer


def handler(event, context):
    print("echoing", event["rawPath"])  # noqa: T201 - a log line
    if event["rawPath"].endswith("/environment"):
        return answer(200, {"environment": dict(os.environ), "modules": sorted(sys.modules), "path": sys.path})
    if event["rawPath"].endswith("/context"):
        fields = {
            "aws_request_id": context.aws_request_id,
            "function_name": context.function_name,
            "invoked_function_arn": context.invoked_function_arn,
            "memory_limit_in_mb": context.memory_limit_in_mb,
            "remaining": context.get_remaining_time_in_millis(),
        }
        return answer(200, fields)
    if event["rawPath"].endswith("/inferred"):
        return {"inferred": True}
    return answer(200, event, cookies=["a=1; Path=/", "b=2"])
