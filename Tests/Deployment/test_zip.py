"""What `make zip` makes: the template, the folder that becomes /var/task, and the zip."""

import os
import pathlib
import platform
import runpy
import shutil
import stat
import subprocess
import zipfile

import programs
import pytest
import stack

# How a function is packed. Everything else in the two stacks has to be the same.
PACKED = {"PackageType", "Code", "Runtime", "Handler"}
TOPIC = "arn:aws:sns:eu-west-1:111122223333:a"
EVERYTHING = {"Tracing": "Active", "ReservedConcurrency": "5", "AlarmTopicArn": TOPIC, "UserPool": "create"}


@pytest.fixture(scope="module")
def for_zip(root):
    return runpy.run_path(str(root / "scripts/zip_template.py"))["for_zip"]


@pytest.fixture(scope="module")
def pack(root):
    return runpy.run_path(str(root / "scripts/pack_zip.py"))["pack"]


def without_package(made):
    function = {**made["Resources"]["Proxy"]}
    function.pop("Metadata", None)
    packed = {name: function["Properties"].get(name) for name in PACKED}
    function["Properties"] = {name: value for name, value in function["Properties"].items() if name not in PACKED}
    return {**made, "Resources": {**made["Resources"], "Proxy": function}}, packed


@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["defaults", "everything on"])
def test_the_stacks_of_zip_and_image_differ_only_in_how_the_function_is_packed(deploy, zip_template, parameters):
    architecture = "arm64" if platform.machine() == "aarch64" else platform.machine()
    parameters = {"ClientKey": "a key of 16 letters", "Architecture": architecture, **parameters}
    image, as_image = without_package(deploy(**parameters))
    zipped, as_zip = without_package(stack.deploy(stack.read(zip_template), parameters))
    assert zipped == image
    assert as_image["PackageType"] == "Image" and as_image["Runtime"] is None
    assert as_zip == {
        "PackageType": "Zip",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Code": {"S3Bucket": "bucket", "S3Key": "key"},
    }


def test_sam_runs_a_target_of_the_makefile_for_the_zip(root, zip_template):
    """It runs from the folder of the template, one below the checkout."""
    function = stack.read(zip_template)["Resources"]["Proxy"]
    assert function["Metadata"] == {"BuildMethod": "makefile", "ContextPath": "..", "WorkingDirectory": ".."}
    command = ["make", "--dry-run", "build-Proxy", "ARTIFACTS_DIR=/somewhere/Proxy"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == 'scripts/build-function "/somewhere/Proxy"\n'


@pytest.mark.parametrize("gone", ["PackageType: Image", "DockerTag: latest"])
def test_a_template_without_the_expected_lines_is_refused(root, for_zip, gone):
    """Used as it is, it would deploy something other than the zip."""
    template = (root / "template.yaml").read_text()
    with pytest.raises(SystemExit, match="0 times where once is expected"):
        for_zip(template.replace(gone, "Other: thing"))
    with pytest.raises(SystemExit, match="2 times where once is expected"):
        for_zip(template + template)


def test_the_same_files_give_the_same_bytes_readable_and_executable_by_all(pack, tmp_path):
    def folder(name, order, time, mode):
        made = tmp_path / name
        (made / "certificates").mkdir(parents=True)
        for file in order:
            (made / file).write_text(file)
            (made / file).chmod(mode | 0o100 if file == "bootstrap" else mode)
            os.utime(made / file, (time, time))
        pack(made, tmp_path / f"{name}.zip")
        return tmp_path / f"{name}.zip"

    files = ["openai_servers.yaml", "bootstrap", "certificates/b.0", "certificates/a.0"]
    one = folder("one", files, 1_000_000_000, 0o600)
    other = folder("other", files[::-1], 1_700_000_000, 0o644)
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        modes = {entry.filename: stat.filemode(entry.external_attr >> 16) for entry in archive.infolist()}
    assert list(modes) == sorted(files)
    assert modes.pop("bootstrap") == "-rwxr-xr-x"
    assert set(modes.values()) == {"-rw-r--r--"}


@pytest.fixture
def checkout(root, tmp_path):
    """A checkout with what build-function needs, and a program that takes no time to build."""
    scripts = tmp_path / "a checkout" / "scripts"
    scripts.mkdir(parents=True)
    for name in ("build-function", "children.sh", "install-libraries"):
        shutil.copy(root / "scripts" / name, scripts)
    task = scripts / "build-task"
    task.write_text('#!/bin/sh\numask 077; mkdir -p "$1"; cp /bin/true "$1/bootstrap.bin"; touch "$1/LICENSE"\n')
    task.chmod(0o755)
    (scripts.parent / "openai_servers.yaml").write_text("the table of the checkout")
    return scripts.parent


def build_function(checkout, folder, **variables):
    command = [checkout / "scripts/build-function", folder]
    return subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=programs.PATIENCE
    )


def test_the_function_has_mozillas_authorities_by_their_hashes(checkout, tmp_path):
    done = build_function(checkout, tmp_path / "function")
    assert done.returncode == 0, done.stderr
    authorities = sorted((tmp_path / "function/certificates").iterdir())
    assert len(authorities) == len(list(pathlib.Path("/usr/share/ca-certificates/mozilla").glob("*.crt"))) > 100
    for authority in authorities[:5]:
        command = ["openssl", "x509", "-in", authority, "-noout", "-hash"]
        hash = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        assert authority.name.partition(".")[0] == hash
    for path in (tmp_path / "function").rglob("*"):
        assert not path.is_symlink()
        assert path.stat().st_mode & 0o044 == 0o044, path


def test_the_function_has_the_checkouts_table_or_the_named_one(checkout, tmp_path):
    build_function(checkout, tmp_path / "function")
    table = tmp_path / "function/openai_servers.yaml"
    assert table.read_text() == "the table of the checkout"
    (tmp_path / "mine.yaml").write_text("mine")
    build_function(checkout, tmp_path / "function", OPENAI_SERVERS_FILE=str(tmp_path / "mine.yaml"))
    assert table.read_text() == "mine"


def test_a_folder_with_other_files_is_not_emptied(checkout, tmp_path):
    folder = tmp_path / "function"
    assert build_function(checkout, folder).returncode == 0
    assert build_function(checkout, folder).returncode == 0
    (folder / "mine").write_text("mine")
    other = tmp_path / "other"
    other.mkdir()
    (other / "openai_servers.yaml").write_text("mine")
    for refused in (folder, other):
        done = build_function(checkout, refused)
        assert done.returncode == 1 and f"{refused} has other files" in done.stderr
    assert (folder / "mine").exists() and (other / "openai_servers.yaml").exists()


def test_a_system_with_a_too_new_glibc_is_refused_before_the_build(checkout, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "getconf").write_text("#!/bin/sh\necho glibc 2.39\n")
    (tools / "getconf").chmod(0o755)
    done = build_function(checkout, tmp_path / "function", PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 1 and not (tmp_path / "function").exists()
    assert "needs GLIBC_2.39" in done.stderr and "deploy the image" in done.stderr


def test_the_zips_template_offers_this_machines_architecture_alone(zip_template):
    architecture = "arm64" if platform.machine() == "aarch64" else platform.machine()
    offered = stack.read(zip_template)["Parameters"]["Architecture"]
    assert (offered["Default"], offered["AllowedValues"]) == (architecture, [architecture])


def test_the_deploy_command_names_a_table_other_than_the_checkouts(root, checkout, tmp_path):
    """`sam build` fills its folder again, and would use the other table."""
    for name in ("zip", "pack_zip.py", "zip_template.py"):
        shutil.copy(root / "scripts" / name, checkout / "scripts")
    shutil.copy(root / "template.yaml", checkout)
    (tmp_path / "my table.yaml").write_text("mine")

    def line(**variables):
        command = [checkout / "scripts/zip"]
        environment = {**os.environ, "OPENAI_SERVERS_FILE": "", **variables}
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=programs.PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1]

    assert line().startswith("Deploy it: sam build --template .build-zip/template.yaml && ")
    table = str(tmp_path / "my table.yaml").replace(" ", "\\ ")
    named = line(OPENAI_SERVERS_FILE="my table.yaml")
    assert named.startswith(f"Deploy it: OPENAI_SERVERS_FILE={table} sam build --template")


@pytest.mark.parametrize("needed", ["GLIBC_2.35", "GLIBC_2.38", "GLIBC_ABI_DT_RELR"])
def test_a_program_that_needs_a_newer_glibc_than_amazons_is_refused(checkout, tmp_path, needed):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "readelf").write_text(f"#!/bin/sh\necho 'Name: GLIBC_2.4  Name: {needed}  Name: GLIBC_2.17'\n")
    (tools / "readelf").chmod(0o755)
    done = build_function(checkout, tmp_path / "function", PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert f"needs {needed}" in done.stderr and "deploy the image" in done.stderr
