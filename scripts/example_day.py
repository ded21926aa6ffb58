"""A made-up day of three keys and two providers, one of which is slow and fails in the evening. Nothing is measured.

The data are the same each time.
"""

import math

POINTS, HOURS = 96, 24
TROUBLE = range(70, 75)  # points
KEYS = {"web-app": 1.0, "mobile": 0.62, "nightly": 0.4}
DOLLARS = {"in": 2.5e-6, "out": 10e-6}  # for a token


def wobble(seed):
    """Yield numbers from -1 to 1 that look random."""
    state = sum(map(ord, seed)) or 1
    while True:
        state = state * 1103515245 % 2147483648 + 12345
        yield (state >> 8) % 2001 / 1000 - 1


def curve(seed, low, high, noise, trouble=1):
    """Return a curve that is low at night and high in the afternoon, multiplied by `trouble` during the trouble."""
    chance = wobble(seed)
    tide = [(1 - math.cos(2 * math.pi * (point / POINTS - 0.12))) / 2 for point in range(POINTS)]
    return [
        max(0, (low + (high - low) * height) * (1 + noise * next(chance)) * (trouble if point in TROUBLE else 1))
        for point, height in enumerate(tide)
    ]


def now_and_then(**counts):
    """Return zeros, except for the given counts at the named points, such as `p9=2`."""
    return [counts.get(f"p{point}", 0) for point in range(POINTS)]


def hourly(seed, tokens):
    """Yield the tokens of each key in each hour. The key `nightly` is active from two to five."""
    for key, share in KEYS.items():
        chance = wobble(seed + key)
        for hour in range(HOURS):
            tide = (1 - math.cos(2 * math.pi * (hour / HOURS - 0.12))) / 2
            part = (6 if 2 <= hour < 5 else 0) if key == "nightly" else tide
            yield key, round(tokens * share * part * (1 + 0.25 * next(chance)))


def of_keys(seed, tokens):
    made = {key: [] for key in KEYS}
    for key, amount in hourly(seed, tokens):
        made[key].append(amount)
    return made


INPUT, OUTPUT = of_keys("in", 240_000), of_keys("out", 61_000)
COST = {
    key: [DOLLARS["in"] * i + DOLLARS["out"] * o for i, o in zip(INPUT[key], OUTPUT[key], strict=True)] for key in KEYS
}
BY_KEY = {"cost": COST, "gen_ai.usage.input_tokens": INPUT, "gen_ai.usage.output_tokens": OUTPUT}

LOOKUPS = curve("lookups", 8, 50, 0.25)
SAVED_TOKENS = [round(tokens * 0.3) for tokens in INPUT["web-app"]]  # each hour

SERIES = {
    "requests": curve("requests", 9, 58, 0.25),
    "caller_errors": now_and_then(p9=1, p22=2, p41=3, p44=3, p58=2, p80=3),
    "policy_errors": now_and_then(p30=1, p52=2, p86=3),
    "upstream_errors": now_and_then(p17=1, p49=1, p70=8, p71=9, p72=6, p73=7, p74=8),
    "proxy_errors": now_and_then(),
    "store_failures": now_and_then(p36=1),
    "cache_lookups": LOOKUPS,
    "cache_hits": [lookups * share for lookups, share in zip(LOOKUPS, curve("share", 0.18, 0.34, 0.2), strict=True)],
    "cache_saved_tokens": SAVED_TOKENS,
    "cache_saved_cost": [DOLLARS["in"] * tokens for tokens in SAVED_TOKENS],
    "ConcurrentExecutions": curve("open", 1, 9, 0.3, trouble=1.6),
    "Errors": now_and_then(p70=3, p71=4, p72=2, p73=3, p74=4),
    "Throttles": now_and_then(),
    "gen_ai.server.time_to_first_token p50": curve("ttft", 0.45, 0.6, 0.12, trouble=1.9),
    "gen_ai.server.time_to_first_token p99": curve("ttft p99", 1.5, 2.2, 0.25, trouble=5),
    "gen_ai.server.request.duration p50": curve("duration", 3.6, 5.2, 0.15, trouble=1.5),
    "gen_ai.server.request.duration p99": curve("duration p99", 15, 24, 0.2, trouble=1.9),
    "gen_ai.server.time_per_output_token p50": curve("token", 0.012, 0.015, 0.1, trouble=1.4),
    "gen_ai.server.time_per_output_token p99": curve("token p99", 0.03, 0.036, 0.2, trouble=1.7),
}


def costs():
    asked = {"web-app": 1_934, "mobile": 1_207, "nightly": 288}
    for key in sorted(KEYS, key=lambda key: -sum(COST[key])):
        yield key, f"{sum(COST[key]):.2f}", f"{asked[key]:,}", f"{sum(INPUT[key]):,}", f"{sum(OUTPUT[key]):,}"


TABLES = {
    "Cost by key": [("key", "dollars", "asked", "input", "output"), *costs()],
    "The last failures that are not the caller's": [
        ("@timestamp", "error.type", "server", "key", "request_id"),
        ("21:31:07.412", "policy_endpoint_not_open", "openai", "mobile", "5f2c1b0e-…-77d1"),
        ("18:43:55.108", "upstream_deadline_exceeded", "mistral", "web-app", "b1d90c42-…-03ae"),
        ("18:43:12.870", "upstream_deadline_exceeded", "mistral", "mobile", "9a4be7f3-…-c512"),
        ("18:42:40.031", "upstream_deadline_exceeded", "mistral", "web-app", "e07713d8-…-4b90"),
    ],
}
