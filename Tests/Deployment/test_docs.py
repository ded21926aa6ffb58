"""Checks the documentation: links, names, code blocks, and that the references are complete.

Tests/EndToEnd/test_documented.py runs the examples.
"""

import functools
import json
import re
import shutil
import subprocess
import typing

import pages
import pytest
import record_fields
import yaml
from openai.types.chat import completion_create_params

# Blocks in other languages would not be checked.
LANGUAGES = {"sh", "yaml", "json", "python", "js", "swift", "text"}
GUIDES = [page for page in pages.pages() if re.fullmatch(r"docs/(?!clients\.)[^/]+", page.name)]


def targets(root):
    return set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", pages.pages(), ids=lambda page: page.name)
def test_every_internal_link_leads_somewhere(page, root):
    wrong = []
    for line, target in page.links:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.path.parent / path).resolve() if path else page.path
        if not file.exists() or not file.is_relative_to(root):
            wrong.append(f"{page.name}:{line}: there is no {path}")
        elif anchor and (file.suffix != ".md" or anchor not in pages.page(str(file.relative_to(root))).anchors):
            wrong.append(f"{page.name}:{line}: {path or page.name} has no heading for #{anchor}")
    assert wrong == []


@pytest.mark.parametrize("page", pages.pages(), ids=lambda page: page.name)
def test_every_block_has_a_language(page):
    assert [f"{block}: '{block.language}'" for block in page.blocks if block.language not in LANGUAGES] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_every_page_has_an_example_and_says_where_to_go_next(page):
    assert page.blocks
    level, title = page.headings[0]
    assert level == 1 and page.text.startswith(f"# {title}\n\n")
    last = [heading for level, heading in page.headings if level == 2][-1]
    assert last == "Where to go next"
    assert len(re.findall(r"\]\(", page.section(last))) >= 2


@pytest.mark.parametrize("page", pages.pages(), ids=lambda page: page.name)
def test_everything_that_is_named_exists(page, root):
    wrong = []
    words = [(line, word) for line, word in page.code]
    words += [
        (block.line + number, part.strip())
        for block in page.blocks if block.language == "sh"
        for number, line in enumerate(block.text.splitlines())
        for part in re.split(r"&&|;|\|", line)
    ]  # fmt: skip
    for line, word in words:
        if missing := what_is_missing(word, root):
            wrong.append(f"{page.name}:{line}: {missing}")
    assert wrong == []


@functools.cache
def source_files(root):
    folders = ["Sources", "Tests", "Benchmarks/Sources", "Benchmarks/Tests", "Benchmarks/bench"]
    suffixes = (".swift", ".c", ".h", ".py")
    return [file for folder in folders for file in (root / folder).rglob("*") if file.suffix in suffixes]


def swift_files(root):
    # The last name is a placeholder for any extension's.
    return {file.name for file in source_files(root)} | {"Package.swift", "Type+Aspect.swift"}


def what_is_missing(word, root):
    """Say what is missing of the things that a word in code format names, or return None."""
    make = re.match(r"(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", word)
    if make and make[1] not in targets(root):
        return f"the Makefile has no target '{make[1]}'"
    run = re.match(r"swift run ([a-z][\w-]*)", word)
    if run and f'"{run[1]}"' not in (root / "Package.swift").read_text():
        return f"Package.swift has no product '{run[1]}'"
    for path in re.findall(r"(?<![\w./-])(?:\.ci|scripts|Sources|Tests|docs|examples|Benchmarks)/[\w./+-]*\w", word):
        if not (root / path).exists():
            return f"there is no {path}"
    if re.fullmatch(r"[\w+-]+\.swift", word) and word not in swift_files(root):
        return f"there is no {word}"
    return None


def words_of_the_code(root):
    return {word for file in source_files(root) for word in re.findall(r"\w+", file.read_text())}


def test_every_type_that_is_named_for_readers_of_the_code_exists(root):
    there = words_of_the_code(root) | {"AsyncStream"}  # From Swift's standard library.
    pattern = re.compile(r"[A-Z][a-z]+([A-Z][A-Za-z]*)+")
    about_code = [page for page in pages.pages() if re.search("decisions/|architecture|CONTRIBUTING", page.name)]
    wrong = [
        f"{page.name}:{line}: nothing is called {word}"
        for page in about_code for line, word in page.code if pattern.fullmatch(word) and word not in there
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("block", pages.blocks("json"), ids=str)
def test_json_can_be_read(block):
    try:
        json.loads(block.text)
    except ValueError:
        for line in block.text.splitlines():
            json.loads(line)


@pytest.mark.parametrize("block", [b for b in pages.blocks("text") if "{" in b.text], ids=str)
def test_json_in_the_lines_of_an_output_can_be_read(block):
    for line in re.findall(r"^(?:data: )?(\{.*)$", block.text, re.MULTILINE):
        json.loads(line)


@pytest.mark.parametrize("block", pages.blocks("yaml"), ids=str)
def test_yaml_can_be_read(block):
    assert yaml.compose(block.text, Loader=yaml.SafeLoader)


@pytest.mark.parametrize("block", pages.blocks("sh"), ids=str)
def test_the_shell_can_read_its_commands(block):
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", pages.blocks("python"), ids=str)
def test_python_compiles(block):
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize("block", pages.blocks("js"), ids=str)
def test_javascript_can_be_read(block, tmp_path):
    if not shutil.which("node"):
        pytest.skip("node isn't installed, and nothing else here reads JavaScript")
    module = tmp_path / "block.mjs"
    module.write_text(block.text)
    done = subprocess.run(["node", "--check", module], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", pages.blocks("swift"), ids=str)
def test_swift_can_be_read(block, tmp_path):
    file = tmp_path / "block.swift"
    file.write_text(block.text)
    done = subprocess.run(["swiftc", "-frontend", "-parse", file], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def codes(root):
    """Return the error codes in Sources/Proxy, and those of refusals in Sources/Dialects."""
    found = set()
    for file in (root / "Sources/Proxy").rglob("*.swift"):
        for body in re.findall(r"\n    var code: String \{\n(.*?)\n    \}\n", file.read_text(), re.DOTALL):
            found |= set(re.findall(r'"([a-z_]+)"', body))
    for file in (root / "Sources/Dialects").rglob("*.swift"):
        found |= set(re.findall(r'\bcode: "([a-z_]+)"\)', file.read_text()))
    assert len(found) > 30
    return found


def test_the_page_of_errors_has_every_code_and_no_other(root):
    page = pages.page("docs/errors.md")
    assert set(pages.named_in_tables(page.prose, "`code`")) == codes(root)


def thrown_types(root):
    """Return the types of errors that an invocation can end with, but not those in the trailers of a stream."""
    mapped = (root / "Sources/Proxy/Errors/InvocationError+Proxy.swift").read_text()
    found = set(re.findall(r'"([A-Z][A-Za-z]+)"', mapped))
    for file in (root / "Sources").rglob("*.swift"):
        found |= set(re.findall(r'InvocationError\("(\w+)"[^)]*\)(?!\.trailers)', file.read_text()))
    assert len(found) > 10
    return {f"Function.{name}" for name in found}


def test_the_page_of_errors_has_every_type_that_is_thrown_and_no_other(root):
    section = pages.page("docs/errors.md").section("Direct invocations")
    assert set(pages.named_in_tables(section, "`errorType`")) == thrown_types(root)


def test_the_page_on_observability_has_every_field_of_the_record_and_no_other():
    page = pages.page("docs/observability.md")
    assert set(pages.named_in_tables(page.section("The record"), "field")) == set(record_fields.FIELDS)


EXTENSIONS = {"additional_model_request_fields", "cache_control", "thinking", "thinking_blocks"}


def test_the_page_on_bedrock_says_what_becomes_of_every_parameter_of_a_chat():
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", pages.page("docs/bedrock.md").section("Parameters"), re.MULTILINE)
    names = [name for name, _ in rows]
    openai = {
        *typing.get_type_hints(completion_create_params.CompletionCreateParamsStreaming),
        *typing.get_type_hints(completion_create_params.CompletionCreateParamsNonStreaming),
    }
    assert len(openai) > 30
    assert names == sorted(openai | EXTENSIONS)
    assert [row for row in rows if not re.match(r"\*\*(Sent|Dropped|Refused|By model)\*\*", row[1])] == []
