"""The sizes of what is shipped, and the libraries that the loader maps for it."""

import pathlib
import shutil
import subprocess

import pytest
from bench import sizes
from bench.subjects import Subject


def rows(*paths):
    return [*sizes.rows([Subject("it", "lambda", size=paths)])]


@pytest.fixture
def program(tmp_path):
    """With libc and the loader, and nothing else."""
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    subprocess.run(["clang", "-o", tmp_path / "program", source], check=True)
    return tmp_path / "program"


def test_the_loader_and_the_libraries_that_it_maps_are_counted(program):
    assert rows(program) == [sizes.Size("it", program.stat().st_size, "stripped", 2)]


def test_a_script_has_no_libraries_of_its_own(tmp_path):
    script = tmp_path / "bootstrap"
    script.write_text("#!/bin/sh\n")
    assert rows(script) == [sizes.Size("it", 10, "1 files and folders", None)]


def test_the_modules_of_a_package_are_not_programs(program, tmp_path):
    module = pathlib.Path(shutil.copy(program, tmp_path / "core.cpython-311-x86_64-linux-gnu.so"))
    (size,) = rows(module)
    assert size.libraries is None
