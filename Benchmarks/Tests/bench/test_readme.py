"""The tables that `make bench` writes into the project's pages."""

import pytest
from bench import figures, readme
from bench.paths import ROOT
from bench.samples import Samples
from bench.subjects import DIRECT, NODE, PROXY_NAME, Subject


@pytest.mark.parametrize("name", readme.PAGES)
def test_each_page_has_its_rows_between_the_markers(name):
    text = (ROOT / name).read_text()
    assert text.count(readme.BEGIN) == text.count(readme.END) == 1
    between = text.split(readme.BEGIN)[1].split(readme.END)[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in between.strip().splitlines()[2:]]
    assert rows == [readme.title(figure) for figure in readme.PAGES[name]]


def test_a_new_table_replaces_the_old_one():
    page = f"before\n{readme.BEGIN}\n\nold\n\n{readme.END}\nafter\n"
    assert readme.page(page, "new") == page.replace("old", "new")


def test_a_table_has_a_column_for_each_subject_except_the_direct_connection():
    subjects = [Subject(DIRECT, "direct"), Subject(PROXY_NAME, "lambda"), Subject(NODE, "lambda")]
    made = readme.table([figures.RESIDENT], Samples(), subjects).splitlines()
    assert made[0] == f"|  | **{PROXY_NAME}** | {NODE} |"
    assert made[2] == f"| {readme.title(figures.RESIDENT)} | – | – |"
