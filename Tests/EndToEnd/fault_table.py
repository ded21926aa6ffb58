"""The table of faults: what upstreams do, how their servers are configured, and what callers and Lambda should see."""

import bedrock_faults as bedrock
import faults
import refusals
import strays
import well
from bedrock_faults import BedrockCell
from fault_cells import CUT, EVENT, WHOLE, Cell

SILENT = "keepalive_seconds: 0"
# For each fault, only the timeout that it should reach, so that no other comes first on a busy machine.
ONCE = f"num_retries: 0, {SILENT}"
AGAIN = f"num_retries: 2, {SILENT}"
TALKATIVE = "num_retries: 0, keepalive_seconds: 0.2"
PAUSE = 1.5  # Seconds: enough for a keepalive before the next bytes, even on a busy machine.

# Each fault's behaviour, and the options of its server.
SERVERS = {
    "refused": (None, AGAIN),
    "unresolvable": (None, ONCE),
    "bad_tls": (well.healthy, ONCE),
    "reset_before_head": (faults.reset_before_head, AGAIN),
    "stall_before_head": (faults.stall_before_head, f"{ONCE}, ttft_timeout: 0.5"),
    "stall_before_head_kept_alive": (faults.stall_before_head, f"{TALKATIVE}, ttft_timeout: {PAUSE}"),
    "stall_midway": (faults.stall_midway, f"{ONCE}, stream_idle_timeout: 0.5"),
    "stall_midway_kept_alive": (faults.stall_midway, f"{TALKATIVE}, stream_idle_timeout: {PAUSE}"),
    "reset_midway": (faults.reset_midway, AGAIN),
    "reset_after_head": (faults.reset_after_head, AGAIN),
    "end_early": (faults.end_early, ONCE),
    "end_early_as_expected": (faults.end_early, f"{ONCE}, expects_done: false"),
    "garbage_head": (faults.garbage_head, ONCE),
    "endless_head": (faults.endless_head, ONCE),
    "drip": (faults.drip, f"{ONCE}, timeout: 2"),
    "rate_limited": (refusals.rate_limited(("Retry-After", "1")), AGAIN),
    "rate_limited_once": (refusals.rate_limited(("Retry-After", "7")), ONCE),
    "fails_first": (refusals.fails_first, AGAIN),
    "error_inside": (refusals.error_inside, ONCE),
    "error_inside_with_status": (refusals.error_inside_with_status, ONCE),
    "late": (well.late(PAUSE), TALKATIVE),
    "fails_late": (well.late(PAUSE, refusals.rate_limited()), TALKATIVE),
    "no_stream_late": (well.late(PAUSE, refusals.no_stream), TALKATIVE),
    "pausing": (well.pausing(PAUSE), TALKATIVE),
    "writes_behind": (strays.writes_behind, ONCE),
    "closes_when_kept": (strays.closes_at_first_when_kept(), AGAIN),
    "closes_when_kept_once": (strays.closes_at_first_when_kept(), ONCE),
}
# The same for servers on Bedrock.
BEDROCK_SERVERS = {
    "bedrock": (bedrock.healthy, ONCE),
    "bedrock_reset_before_head": (bedrock.reset_before_head, AGAIN),
    "bedrock_stall_midway": (bedrock.stall_midway, f"{ONCE}, stream_idle_timeout: 0.5"),
    "bedrock_reset_midway": (bedrock.reset_midway, AGAIN),
    "bedrock_end_early": (bedrock.end_early, ONCE),
    "bedrock_damaged": (bedrock.damaged, ONCE),
    "bedrock_cut_message": (bedrock.cut_message, ONCE),
    "bedrock_throttled_midway": (bedrock.throttled_midway, ONCE),
    "bedrock_throttled": (bedrock.refuses("ThrottlingException"), ONCE),
    "bedrock_denied": (bedrock.refuses("AccessDeniedException"), ONCE),
    "bedrock_throttled_at_first": (bedrock.at_first(bedrock.refuses("ThrottlingException")), AGAIN),
    "bedrock_throws_at_first": (bedrock.at_first(bedrock.throws_before_any_event), AGAIN),
    "bedrock_late": (well.late(PAUSE, bedrock.healthy), TALKATIVE),
    "bedrock_throttled_late": (well.late(PAUSE, bedrock.refuses("ThrottlingException")), TALKATIVE),
    "bedrock_pausing": (bedrock.pausing(PAUSE), TALKATIVE),
}
SERVERS |= {name: (behaviour, f"{bedrock.OPTIONS}, {more}") for name, (behaviour, more) in BEDROCK_SERVERS.items()}

SERVER_ERROR = ("InternalServerError",)
BROKEN_OFF = ("APIConnectionError",)
ERROR_EVENT = ("APIError",)


def before_head(fault, status, code, kind=Cell, raises=SERVER_ERROR, **more):
    """Nothing was sent: streams and plain responses fail alike."""
    return [kind(fault, stream, (WHOLE,), status, code, raises=raises, **more) for stream in (True, False)]


def midway(fault, code, **more):
    """The response had begun: a stream ends with an error event, a plain response is cut off."""
    return [
        Cell(fault, True, (EVENT,), code=code, begun=True, raises=ERROR_EVENT, **more),
        Cell(fault, False, (CUT,), raises=BROKEN_OFF, **more),
    ]


def bedrock_midway(fault, code, status=502, code_of_plain=None, tries_of_plain=1, **more):
    """A plain response of Bedrock is read whole before any of it is sent, so it can be asked for again."""
    tries = {"requests": tries_of_plain, "attempts": tries_of_plain}
    return [
        BedrockCell(f"bedrock_{fault}", True, (EVENT,), code=code, begun=True, raises=ERROR_EVENT, **more),
        BedrockCell(
            f"bedrock_{fault}", False, (WHOLE,), status, code_of_plain or code, raises=SERVER_ERROR, **tries, **more
        ),
    ]


def mended(fault, kind=Cell, **more):
    """A second attempt succeeds."""
    return [kind(fault, stream, requests=2, attempts=2, **more) for stream in (True, False)]


CELLS = [
    *before_head("refused", 502, "upstream_refused", requests=0, attempts=3),
    *before_head("unresolvable", 502, "upstream_unresolved", requests=0, attempts=2),
    *before_head("bad_tls", 502, "upstream_tls", requests=0),
    *before_head("reset_before_head", 502, "upstream_disconnected", requests=3, attempts=3),
    *before_head("stall_before_head", 504, "upstream_timeout", waits=0.5),
    *before_head("garbage_head", 502, "upstream_malformed"),
    *before_head("endless_head", 502, "upstream_malformed"),
    *midway("stall_midway", "upstream_timeout", waits=0.5),
    *midway("reset_midway", "upstream_disconnected"),
    *midway("end_early", "upstream_truncated"),
    Cell("reset_after_head", True, (EVENT,), code="upstream_disconnected", raises=ERROR_EVENT),
    Cell("reset_after_head", False, requests=2, attempts=2),
    Cell(
        "drip", True, (EVENT,), code="upstream_timeout", begun=True, waits=2, raises=ERROR_EVENT,
    ),
    Cell("drip", False, (WHOLE,), 504, "upstream_timeout", waits=2, raises=SERVER_ERROR),
    Cell("end_early_as_expected", True),
    Cell(
        "stall_before_head_kept_alive", True, (EVENT,), code="upstream_timeout", kept_alive=True,
        waits=PAUSE, raises=ERROR_EVENT,
    ),
    Cell(
        "stall_midway_kept_alive", True, (EVENT,), code="upstream_timeout", begun=True, kept_alive=True,
        waits=PAUSE, raises=ERROR_EVENT,
    ),
    *mended("rate_limited", waits=1),
    *mended("fails_first"),
    *[
        Cell("rate_limited_once", stream, (WHOLE,), 429, "slow", raises=("RateLimitError",))
        for stream in (True, False)
    ],
    Cell("error_inside", True, (EVENT,), code="overloaded", begun=True, raises=ERROR_EVENT),
    Cell("error_inside", False, (WHOLE,), 502, "overloaded", raises=SERVER_ERROR),
    Cell("error_inside_with_status", False, (WHOLE,), 429, None, raises=("RateLimitError",)),
    Cell("late", True, kept_alive=True, waits=PAUSE),
    Cell("late", False, waits=PAUSE),
    Cell("fails_late", True, (EVENT,), code="slow", kept_alive=True, waits=PAUSE, raises=ERROR_EVENT),
    Cell("fails_late", False, (WHOLE,), 429, "slow", waits=PAUSE, raises=("RateLimitError",)),
    Cell(
        "no_stream_late", True, (EVENT,), code="upstream_not_streaming", kept_alive=True,
        waits=PAUSE, raises=ERROR_EVENT,
    ),
    Cell("pausing", True, kept_alive=True, waits=PAUSE),
    Cell("writes_behind", True, before=2),
    Cell("writes_behind", False, before=2),
]  # fmt: skip
CELLS += [
    BedrockCell("bedrock", True),
    BedrockCell("bedrock", False),
    *before_head("bedrock_reset_before_head", 502, "upstream_disconnected", BedrockCell, requests=3, attempts=3),
    *bedrock_midway("stall_midway", "upstream_timeout", 504, waits=0.5),
    *bedrock_midway("reset_midway", "upstream_disconnected", tries_of_plain=3),
    *bedrock_midway("end_early", "upstream_truncated", code_of_plain="upstream_disconnected"),
    *[
        BedrockCell(f"bedrock_{fault}", True, (EVENT,), code=code, begun=True, raises=ERROR_EVENT)
        for fault, code in [
            ("damaged", "upstream_malformed"), ("cut_message", "upstream_disconnected"),
            ("throttled_midway", "rate_limit_exceeded"),
        ]
    ],
    *before_head("bedrock_throttled", 429, "rate_limit_exceeded", BedrockCell, raises=("RateLimitError",)),
    *before_head("bedrock_denied", 403, None, BedrockCell, raises=("PermissionDeniedError",)),
    *mended("bedrock_throttled_at_first", BedrockCell),
    *mended("bedrock_throws_at_first", BedrockCell),
    BedrockCell("bedrock_late", True, kept_alive=True, waits=PAUSE),
    BedrockCell(
        "bedrock_throttled_late", True, (EVENT,), code="rate_limit_exceeded", kept_alive=True, waits=PAUSE,
        raises=ERROR_EVENT,
    ),
    BedrockCell("bedrock_pausing", True, kept_alive=True, waits=PAUSE),
]  # fmt: skip
# These depend on whether the connection was used before, so the result is known for a single caller only.
ALONE = [
    *mended("closes_when_kept", before=1),
    *before_head("closes_when_kept_once", 502, "upstream_disconnected", before=1),
]  # fmt: skip
