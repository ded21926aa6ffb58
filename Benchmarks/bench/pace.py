"""Estimates how long the remaining runs take, from how long the same runs took before."""

import json


class Pace:
    """Seconds by run; a run is (subject, scenario). For one that was never run, the mean of its scenario is used."""

    def __init__(self, runs, known=()):
        self._left = list(runs)
        self._seconds = dict(known)

    def done(self, run, seconds):
        self._left.remove(run)
        self._seconds[run] = seconds

    def left(self):
        """The remaining seconds; None before anything is known."""
        if not self._seconds:
            return None
        return sum(self._seconds.get(run) or self._mean_like(run) for run in self._left)

    def _mean_like(self, run):
        like = [seconds for (_, scenario), seconds in self._seconds.items() if scenario == run[1]]
        seconds = like or [*self._seconds.values()]
        return sum(seconds) / len(seconds)

    def save(self, path):
        path.write_text(json.dumps([[*run, round(seconds, 2)] for run, seconds in self._seconds.items()]))

    @classmethod
    def load(cls, runs, path):
        kept = json.loads(path.read_text()) if path.exists() else []
        return cls(runs, {(subject, scenario): seconds for subject, scenario, seconds in kept})
