"""What a report needs besides the samples. It is saved with them, so that a report can be written without measuring."""

import dataclasses
import json

from . import instructions, machine, sizes, subjects
from .builds import Builds
from .progress import say


@dataclasses.dataclass(frozen=True)
class Facts:
    machine: list  # lines
    skipped: list  # lines
    sizes: list
    image: str
    counts: dict  # instructions, by subject and scenario
    profile: list
    builds: Builds | None

    def save(self, path):
        path.write_text(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def load(cls, path):
        kept = json.loads(path.read_text())
        kept["sizes"] = [sizes.Size(**size) for size in kept["sizes"]]
        # Builds are measured separately, perhaps later.
        return cls(**{**kept, "builds": Builds.load()})


def gather(found, skipped):
    say("counting instructions")
    proxy = subjects.with_names()
    floors = [subject for subject in found if subject.name in (subjects.FLOOR_NAME, subjects.OWN_FLOOR_NAME)]
    counts = {subject.name: instructions.count(subject) for subject in (proxy, *floors)}
    counts[proxy.name] |= instructions.count_bedrock(subjects.bedrock_with_names())
    counts[proxy.name] |= instructions.count_cached(subjects.cached_with_names())
    return Facts(
        machine=[*machine.lines(found)],
        skipped=skipped,
        sizes=[*sizes.rows(found)],
        image=sizes.image(),
        counts=counts,
        profile=instructions.profile(proxy, "stream of 100 chunks"),
        builds=Builds.load(),
    )
