"""Real forms of events, with made-up ids: `events/<kind>.json`."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).parent / "events"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def of_kind(*kinds):
    """The names of the events whose names begin like this."""
    return [name for name in NAMES if name.startswith(kinds)]


PINGS = of_kind("ping")
WITHOUT_DOOR = of_kind("none")
FUNCTION_URLS = of_kind("function-url")
PAYLOAD_1 = of_kind("http-api-1.0")
HTTP_APIS = [name for name in of_kind("http-api") if name not in PAYLOAD_1]
REST_APIS = of_kind("rest")
LOAD_BALANCERS = of_kind("alb")
DIRECT = of_kind("direct")
