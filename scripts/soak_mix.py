"""The faults of providers and of Lambda in the soak test, with timeouts of tens of milliseconds."""

import faults
import refusals
import strays
import well
from fault_cells import CUT, EVENT, WHOLE, Cell
from fault_table import CELLS

# Each fault sets only the timeouts that it should run into, so that no other comes first.
ONCE, AGAIN = "num_retries: 0, keepalive_seconds: 0", "num_retries: 2, keepalive_seconds: 0"
TALKATIVE = "num_retries: 0, keepalive_seconds: 0.05"
FLOOD = well.Flood(40)
SERVERS = {
    "healthy": (well.healthy, ONCE),
    "refused": (None, ONCE),
    "reset_before_head": (faults.reset_before_head, ONCE),
    "stall_before_head": (faults.stall_before_head, f"{ONCE}, ttft_timeout: 0.05"),
    "stall_midway": (faults.stall_midway, f"{ONCE}, stream_idle_timeout: 0.05"),
    "reset_midway": (faults.reset_midway, ONCE),
    "reset_after_head": (faults.reset_after_head, AGAIN),
    "end_early": (faults.end_early, ONCE),
    "end_early_as_expected": (faults.end_early, f"{ONCE}, expects_done: false"),
    "garbage_head": (faults.garbage_head, ONCE),
    "endless_head": (faults.endless_head, ONCE),
    "drip": (faults.drip, f"{ONCE}, timeout: 0.1"),
    "rate_limited": (refusals.rate_limited(("Retry-After-Ms", "20")), AGAIN),
    "fails_first": (refusals.rate_limited(("Retry-After-Ms", "20"), status=500), AGAIN),
    "error_inside": (refusals.error_inside, ONCE),
    "late": (well.late(0.8), TALKATIVE),
    "fails_late": (well.late(0.8, refusals.rate_limited()), TALKATIVE),
    "pausing": (well.pausing(0.8), TALKATIVE),
    "falls_back": (faults.reset_before_head, f"{ONCE}, fallbacks: [refused, healthy]"),
    "writes_behind": (strays.writes_behind, ONCE),
    "closes_when_kept": (strays.closes_at_first_when_kept(), AGAIN),
    "too_late": (well.healthy, ONCE),
    "unread": (FLOOD, ONCE),
}
HEALTHY = [Cell("healthy", True), Cell("healthy", True), Cell("healthy", False)]
FAULTY = [cell for cell in CELLS if cell.fault in SERVERS] + [
    *[Cell(fault, stream) for fault in ("falls_back", "too_late", "closes_when_kept") for stream in (True, False)],
    Cell("unread", True),
]
# Lambda's faults: it refuses a response, or doesn't read it for a while.
LAMBDA = {"too_late": {"status": 410}, "unread": {"reads": False}}


def check(cell, name, answer):
    """Check a response against its fault, and return the response's shape."""
    if answer.kind == "error":
        raise AssertionError(answer.failure)
    if cell.fault == "unread":
        assert (answer.kind, answer.failure, len(answer.body)) == ("response", None, FLOOD.size)
        return "read late"
    if cell.fault == "drip" and answer.status == 504:  # On a busy machine the head alone may take all the time.
        cell = Cell(cell.fault, cell.stream, (WHOLE,), 504, cell.code)
    shape = cell.check(name, answer.status, answer.body, answer.kind == "cut")
    assert shape == CUT or bool(answer.failure) == (shape == EVENT), f"trailers: {answer.failure}"
    return shape
