"""Every kind of fault of a cluster, as an action of the fake cluster."""

from stack.cluster import refusal

DENIED = "admission webhook \"policy.example.org\" denied the request"

# Final refusals: a repeat is wasted.
FINAL = {
    "400": refusal(400, "BadRequest", DENIED),
    "403": refusal(403, "Forbidden", 'pipelineruns is forbidden: User "system:serviceaccount:x:y" cannot'),
    "422": refusal(422, "Invalid", "spec: Invalid value"),
}
# The call may succeed when repeated, or may have been performed.
PASSING = {
    "409": refusal(409, "Conflict", "the object has been modified"),
    "429": refusal(429, "TooManyRequests"),
    "429 with Retry-After": refusal(429, "TooManyRequests", headers={"Retry-After": "1"}),
    "429 with a Retry-After that makes no sense": refusal(429, "TooManyRequests", headers={"Retry-After": "-1"}),
    "500": refusal(500, "InternalError"),
    "500, done": refusal(500, "InternalError", commit=True),
    "502": refusal(502, "BadGateway"),
    "502, done": refusal(502, "BadGateway", commit=True),
    "503": refusal(503, "ServiceUnavailable"),
    "503, done": refusal(503, "ServiceUnavailable", commit=True),
    "504": refusal(504, "Timeout"),
    "504, done": refusal(504, "Timeout", commit=True),
    "reset": {"drop": "before"},
    "reset, done": {"drop": "after"},
}
# Ends at the deadline.
SLOW = {"hang": {"hang": "before"}, "hang, done": {"hang": "after"}, "drip": {"drip": 5}}
# Has a status of success.
GARBLED = {
    f"{garbling}{', not done' if not commit else ''}": {"garble": garbling, "commit": commit}
    for garbling, commit in [
        ("empty", True),
        ("html", True),
        ("html", False),
        ("truncated", True),
        ("kind", True),
        ("name", True),
        ("metadata", True),
        ("status", True),
    ]
}
ALL = FINAL | PASSING | SLOW | GARBLED
