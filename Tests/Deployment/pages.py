"""Parses the pages of the documentation: code blocks, links, anchors, tables, words in code format."""

import dataclasses
import functools
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(
    r"\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)|^\[[^]]+\]: +(\S+)|\b(?:href|src)=\"([^\"]+)\"", re.MULTILINE
)  # fmt: skip
PATHS = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md")),
]  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block. Its number is that of its first line."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"


class Page:
    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(ROOT))
        self.text = path.read_text()
        self.blocks, self.prose = self._parted()

    def _parted(self):
        """Return the blocks, and the rest with an empty line in place of each of their lines."""
        blocks, prose, opening = [], [], None
        for number, line in enumerate(self.text.splitlines(), 1):
            fence = re.match(r" *(```+)(.*)", line)
            if opening is None and fence:
                opening, language, start, inside = fence[1], fence[2].strip(), number + 1, []
            elif opening is not None and line.strip() == opening:
                blocks.append(Block(self.name, start, language, "".join(f"{line}\n" for line in inside)))
                opening = None
            elif opening is not None:
                inside.append(line)
            prose.append("" if fence or opening is not None else line)
        assert opening is None, f"{self.name}:{start - 1}: the block that begins here has no end"
        return blocks, "\n".join(prose)

    @property
    def headings(self):
        """Return each heading as (level, text)."""
        return [(len(m[1]), m[2].strip()) for m in re.finditer(r"^(#+) (.*)$", self.prose, re.MULTILINE)]

    @functools.cached_property
    def anchors(self):
        """Return the anchors that GitHub makes from the headings."""
        found = []
        for _, heading in self.headings:
            words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
            slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            again = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other) is not None for other in found)
            found.append(f"{slug}-{again}" if again else slug)
        return found

    @property
    def links(self):
        """Return the targets of all links and pictures, each with its line."""
        text = CODE.sub(lambda match: "x" + "\n" * match[0].count("\n"), self.prose)
        for match in LINK.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match[1] or match[2] or match[3]

    @property
    def code(self):
        """Return everything in code format outside of blocks, each with its line."""
        for match in CODE.finditer(self.prose):
            yield self.prose.count("\n", 0, match.start()) + 1, " ".join(match[2].split())

    def section(self, heading):
        """Return the prose below a heading, up to the next one of its level or above."""
        level, lines = None, []
        for line in self.prose.splitlines():
            title = re.match(r"(#+) (.*)", line)
            if level is not None and title and len(title[1]) <= level:
                break
            if level is not None:
                lines.append(line)
            elif title and title[2].strip() == heading:
                level = len(title[1])
        assert level is not None, f"{self.name} has no heading '{heading}'"
        return "\n".join(lines)


@functools.cache
def page(name):
    return Page(ROOT / name)


def pages():
    return [page(str(path.relative_to(ROOT))) for path in PATHS]


def blocks(*languages):
    """Return the blocks of all pages in these languages."""
    return [block for page in pages() for block in page.blocks if block.language in languages]


def named_in_tables(text, column):
    """Return the words in code format in the columns with this title, from all tables of a text."""
    names, index = [], None
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if not cells:
            index = None
        elif index is None:
            index = cells.index(column) if column in cells else -1
        elif index >= 0:
            names += re.findall(r"`([^`]+)`", cells[index])
    return names


def is_table_of_servers(text):
    """Whether a text is a table of the proxy, or its `settings`. A text that isn't YAML isn't."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    if not isinstance(root, yaml.MappingNode):
        return False
    addresses = {"url", "api_base", "base_url", "provider"}
    return any(key.value == "settings" or keys_of(value) & addresses for key, value in root.value)


def has_servers(text):
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return any(key.value != "settings" and not key.value.startswith(".") for key, _ in root.value)


def keys_of(node):
    return {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
