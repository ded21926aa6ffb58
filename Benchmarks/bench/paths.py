"""Where things are."""

import os
import pathlib

BENCHMARKS = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
BUILD = BENCHMARKS / ".build"
PEERS = BENCHMARKS / "Peers"
HARNESS = BUILD / "release" / "harness"
FLOOR = BUILD / "release" / "floor"
# As it is deployed: with Swift's libraries inside, stripped; and with its functions' names left, for callgrind.
PROXY = BUILD / "bootstrap"
PROXY_WITH_NAMES = BUILD / "bootstrap-with-names"
SAMPLES = BUILD / "samples.json"
RESULTS = BENCHMARKS / "RESULTS.md"
PICTURE = BENCHMARKS / "results.svg"
INSTRUCTIONS = BENCHMARKS / "instructions.json"

# What the processes started here get.
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}
