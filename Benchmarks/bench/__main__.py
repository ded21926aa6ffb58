"""Benchmarks: python -m bench measure|report|check [--rounds N] [--only SCENARIO] [--update]"""

import argparse
import os
import signal
import sys

from . import check, instructions, measure, picture, readme, report, scenarios, setup, sizes, subjects
from .paths import PICTURE, RESULTS, SAMPLES
from .progress import say
from .samples import Samples


def main():
    parser = argparse.ArgumentParser(prog="bench", description="Measure the proxy against its peers.")
    parser.add_argument("command", choices=["measure", "report", "check"], help="report: write what was measured last")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=scenarios.BY_NAME, help="with measure: one scenario; the others stay")
    parser.add_argument("--update", action="store_true", help="with check: keep the counts found")
    options = parser.parse_args()
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    setup.build()
    if options.command == "check":
        return check.check(options.update)
    found, skipped = subjects.available()
    if os.geteuid() != 0:
        skipped.append("Start with a cold page cache: skipped, only root can drop the page cache")
    for line in skipped:
        say(line)
    if options.command == "measure":
        samples = Samples()
        if options.only:
            samples = Samples.load(SAMPLES)
            samples.forget(options.only)
        measure.run(found, options.rounds, min(3, options.rounds), samples, options.only)
        samples.save(SAMPLES)
    write(Samples.load(SAMPLES), found, skipped)


def write(samples, found, skipped):
    say("counting instructions")
    counted = [subjects.with_names(), next(s for s in found if s.name == subjects.FLOOR_NAME)]
    counts = {subject.name: instructions.count(subject) for subject in counted}
    profile = instructions.profile(counted[0], "stream of 100 chunks")
    text = report.report(samples, found, skipped, counts, profile, [*sizes.rows(found)], sizes.image())
    RESULTS.write_text(text)
    PICTURE.write_text(picture.picture(samples, found))
    readme.write(samples, found)
    say(f"written: {RESULTS.name} and {PICTURE.name} in {RESULTS.parent.name}, and the table in README.md")


main()
