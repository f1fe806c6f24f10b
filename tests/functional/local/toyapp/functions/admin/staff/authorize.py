"""Lambda authorizer: the key `sesame` opens, `raise` raises, anything else is refused."""

calls = 0


def handler(event, context):
    global calls  # noqa: PLW0603 - a warm worker keeps it
    calls += 1
    key = event["identitySource"][0].removeprefix("Bearer ")
    if key == "raise":
        raise RuntimeError("authorizer is broken")
    return {"isAuthorized": key == "sesame", "context": {"staff_id": "staff_1", "calls": calls}}
