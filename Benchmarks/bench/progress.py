"""Reports progress on standard error."""

import sys
import time

_begun = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - _begun:4.0f} s] {text}", file=sys.stderr, flush=True)
