"""OpenAI's SDK as the tests use it."""

import calls
import programs


def client(kind, origin, server="scripted", key=calls.KEY, **options):
    """A client without retries, so that a test sees each response."""
    options = {"max_retries": 0, "timeout": programs.PATIENCE, **options}
    return kind(base_url=f"{origin}/{server}/v1", api_key=key, **options)
