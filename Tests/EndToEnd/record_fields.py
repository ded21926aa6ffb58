"""The metrics that CloudWatch makes from the program's log, for the dashboard and the alarms."""

NAMESPACE = "OpenAIProxy"

# Metrics by function, with their units.
METRICS = {
    "requests": "Count",
    "caller_errors": "Count",
    "policy_errors": "Count",
    "upstream_errors": "Count",
    "proxy_errors": "Count",
    "store_failures": "Count",
    "cache_lookups": "Count",
    "cache_hits": "Count",
    "cache_saved_tokens": "Count",
    "cache_saved_cost": "None",
    "gen_ai.usage.input_tokens": "Count",
    "gen_ai.usage.output_tokens": "Count",
    "cost": "None",
    "gen_ai.server.time_to_first_token": "Seconds",
    "gen_ai.server.request.duration": "Seconds",
    "gen_ai.server.time_per_output_token": "Seconds",
}

# Metrics that are also by function and key.
BY_KEY = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "cost"]

# All fields of a record.
FIELDS = [
    "level", "timestamp", "message", "request_id", "trace_id", "key", "user.hash", "user.id", "plan",
    "metadata", "server", "gen_ai.operation.name",
    "http.request.method", "url.path", "gen_ai.request.model", "gen_ai.response.model", "stream",
    "http.response.status_code", "error.type",
    "error.message", "attempts", "gen_ai.usage.cache_read.input_tokens", "estimated", "request_bytes",
    "response_bytes", "cache", "cache.layer", "cache.age", "function", "_aws",
    *METRICS,
]  # fmt: skip
