"""SQLite and DuckDB for real; other databases as far as their errors."""

import sqlite3
import traceback

import pandas as pd
import pytest

from scenara.shared.data import read
from scenara.shared.errors import ConfigError, DataError

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("duckdb_engine")

TABLE = pd.DataFrame({"shop": ["Köln", "Łódź"], "sales": [1.5, -2.25], "n": [3, 4]})
CREATE = "CREATE TABLE sales (shop VARCHAR(9), sales DECIMAL(9, 2), n INTEGER)"
INSERT = "INSERT INTO sales VALUES ('Köln', 1.5, 3), ('Łódź', -2.25, 4)"


@pytest.fixture(params=["sqlite", "duckdb"])
def database(request, tmp_path):
    path = tmp_path / "sales.db"
    connect = sqlite3.connect if request.param == "sqlite" else duckdb.connect
    connection = connect(str(path))
    connection.execute(CREATE)
    connection.execute(INSERT)
    connection.commit()
    connection.close()
    return f"{request.param}:///{path}"


def test_a_query_is_answered_by_a_table(database):
    pd.testing.assert_frame_equal(read(database, query="SELECT * FROM sales"), TABLE)


def test_colons_and_percent_signs_in_a_query_stay_what_they_are(database):
    found = read(database, query="SELECT n % 2 AS odd, ':x 10%' AS t FROM sales ORDER BY n")
    assert found.to_dict("list") == {"odd": [1, 0], "t": [":x 10%"] * 2}


def test_chosen_columns_of_an_answer_are_given(database):
    assert list(read(database, query="SELECT * FROM sales", columns=["n"])) == ["n"]


def test_an_answer_without_rows_keeps_its_columns(database):
    assert read(database, query="SELECT n FROM sales WHERE n > 9").shape == (0, 1)


@pytest.mark.parametrize("query", [None, "", "  "])
def test_a_database_needs_a_query(database, query):
    with pytest.raises(ConfigError, match="a database needs a query, such as"):
        read(database, query=query)


def test_a_refused_query_gives_one_line_with_the_reason(database):
    with pytest.raises(DataError, match="the database refused: .*prices") as caught:
        read(database, query="SELECT * FROM prices")
    assert len(str(caught.value).splitlines()) == 1


def test_a_column_that_comes_twice_is_refused(database):
    with pytest.raises(DataError, match="column 'n' comes twice; name it with AS"):
        read(database, query="SELECT a.n, b.n FROM sales a, sales b")


@pytest.mark.parametrize("query", ["DELETE FROM sales", "DROP TABLE sales"])
def test_reading_never_changes_the_database(database, query):
    with pytest.raises((ConfigError, DataError)):
        read(database, query=query)
    assert len(read(database, query="SELECT * FROM sales")) == 2


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_missing_database_is_refused_and_not_created(tmp_path, scheme):
    with pytest.raises(DataError, match="there is no such file"):
        read(f"{scheme}:///{tmp_path}/none.db", query="SELECT 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_file_that_is_no_database_is_refused(tmp_path, scheme):
    (tmp_path / "a.db").write_text("date,price\n" * 200)
    with pytest.raises(DataError, match="the database refused"):
        read(f"{scheme}:///{tmp_path}/a.db", query="SELECT * FROM a")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "an empty database in memory"),
        ("nonsense://user:secret@host/x", "no way is known to read 'nonsense'"),
        ("s3://secret/x.csv", "known are files, http"),
        ("oracle://user:secret@host/x?password=secret", "pip install oracledb"),
        ("sqlite://user:secret@host:port/x", "not a database URL"),
        ("sqlite://user:secret@host/x", "check the path|Invalid SQLite URL|no such file"),
        ("duckdb:///none.db?password=secret", "there is no such file"),
    ],
)
def test_a_bad_url_is_refused_and_never_shows_a_password(url, words):
    with pytest.raises(DataError, match=words) as caught:
        read(url, query="SELECT 1")
    assert "secret" not in "".join(traceback.format_exception(caught.value)[-1:])


def test_a_password_does_not_stand_in_the_traceback(tmp_path):
    (tmp_path / "a.db").touch()
    with pytest.raises(DataError) as caught:
        read(f"duckdb:///{tmp_path}/a.db?s3_secret_access_key=hushhush", query="SELECT hushhush")
    assert "hushhush" not in str(caught.value)
