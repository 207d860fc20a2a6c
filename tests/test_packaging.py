"""The wheel holds every module of the four folders, under the names that users import."""

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("shared", "finance", "insurance", "retail")
DATA = (".typed", ".jinja", ".css", ".json")


def packages_on_disk():
    folders = (path.parent for top in FOLDERS for path in (ROOT / top).rglob("__init__.py"))
    return {".".join(("scenara", *folder.relative_to(ROOT).parts)) for folder in folders}


def modules_on_disk():
    files = (path.relative_to(ROOT) for top in FOLDERS for path in (ROOT / top).rglob("*.py"))
    names = (".".join(("scenara", *path.with_suffix("").parts)) for path in files)
    return sorted(name.removesuffix(".__init__") for name in names)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    copy = tmp_path_factory.mktemp("source") / "scenara"
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    for name in filter(lambda name: (ROOT / name).is_file(), files):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """Give the Python of an empty environment that holds the wheel and nothing else."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)
    return python


def test_package_list_names_every_folder():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["tool"]["setuptools"]["packages"]) == packages_on_disk()


@pytest.mark.slow
def test_wheel_holds_every_data_file(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = (path for top in FOLDERS for path in (ROOT / top).rglob("*") if path.suffix in DATA)
    expected = {f"scenara/{path.relative_to(ROOT)}" for path in files}
    assert expected
    assert expected <= inside


@pytest.mark.slow
def test_every_module_imports_from_the_wheel(environment):
    script = (
        "import importlib, sys\n"
        f"for name in {modules_on_disk()!r}:\n"
        "    if name.endswith('__main__'): continue\n"
        "    module = importlib.import_module(name)\n"
        "    assert module.__file__.startswith(sys.prefix), module.__file__\n"
        "print('all imported')"
    )
    libraries = sysconfig.get_paths()["purelib"]
    outcome = subprocess.run(
        [environment, "-W", "ignore", "-c", script],
        env={"PYTHONPATH": libraries}, cwd=environment.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.stdout.strip() == "all imported", outcome.stderr


@pytest.mark.slow
def test_nothing_lands_outside_the_namespace(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"scenara"}
