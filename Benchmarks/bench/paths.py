"""The paths of all files."""

import os
import pathlib

BENCHMARKS = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
BUILD = BENCHMARKS / ".build"
PEERS = BENCHMARKS / "Peers"
HARNESS = BUILD / "release" / "harness"
FLOOR = BUILD / "release" / "floor"
# The floor's object file, linked with the libcurl that the proxy is deployed with.
OWN_FLOOR = BUILD / "floor-own-libcurl"
# The program as it is deployed, in the folder that scripts/build-task makes; and with function names, for callgrind.
PROXY = BUILD / "task" / "bootstrap.bin"
PROXY_WITH_NAMES = BUILD / "bootstrap-with-names"
SAMPLES = BUILD / "samples.json"
FACTS = BUILD / "facts.json"
PACE = BUILD / "pace.json"
RESULTS = BENCHMARKS / "RESULTS.md"
NOTES = BENCHMARKS / "NOTES.md"
BUILDS = BENCHMARKS / "builds.json"
PICTURE = BENCHMARKS / "results.svg"
INSTRUCTIONS = BENCHMARKS / "instructions.json"

# The environment of the processes that are started here.
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}
