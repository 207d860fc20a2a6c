"""Text tables: separators, decimal marks, encodings, packings, and what is refused."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenara.shared.data import ReadOptions, read, read_located
from scenara.shared.data.delimited import parse_delimited
from scenara.shared.errors import ConfigError, DataError

TABLE = pd.DataFrame({"shop": ["Köln", "Łódź"], "sales": [1.5, -2.25], "n": [3, 4]})


def zipped(data, *names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


def zstandard(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def put(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def same(found, expected):
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_and_decimal_mark_are_found_out(tmp_path, separator, decimal):
    text = TABLE.to_csv(index=False, sep=separator, decimal=decimal)
    same(read(put(tmp_path, "a.csv", text)), TABLE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_are_found_out(tmp_path, encoding):
    text = TABLE.to_csv(index=False).encode(encoding)
    same(read(put(tmp_path, "a.csv", text)), TABLE)


@pytest.mark.parametrize(
    ("written", "said"), [("cp1252", None), ("latin-1", "latin-1"), ("utf-16-le", "utf-16-le")]
)
def test_other_encodings_are_read(tmp_path, written, said):
    text = "shop,sales\nKöln,1.5\n".encode(written)
    assert read(put(tmp_path, "a.csv", text), encoding=said)["shop"].tolist() == ["Köln"]


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", zstandard),
        (".zip", lambda data: zipped(data, "inner.csv")),
    ],
)
def test_packed_files_are_read(tmp_path, ending, pack):
    data = pack(TABLE.to_csv(index=False).encode())
    same(read(put(tmp_path, f"a.csv{ending}", data)), TABLE)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_blank_lines_do_not_shift_line_numbers(tmp_path, ending):
    lines = ["", "a,b", "1,x", "", '2,"y', 'z"', "  ", "3,w"]
    frame, origin = read_located(put(tmp_path, "a.csv", ending.join(lines)))
    assert frame["a"].tolist() == [1, 2, 3]
    assert origin.lines.tolist() == [3, 5, 8]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,x\n007,1\n010,2\n", ["007", "010"]),
        ("id;x\n1.234,5;1\n12,25;2\n", [1234.5, 12.25]),
        ("id;x\n12;1\n13;2\n12,5;3\n1.234;3\n", [12.0, 13.0, 12.5, 1234.0]),
        ('id,x\n"1,234.5",1\n"2,000",2\n', [1234.5, 2000.0]),
        ('id,x\n"1,234",1\n"2,000",2\n', [1234, 2000]),
        ("id;x\n10;1\nNA;2\n", [10.0, np.nan]),
        ("id;x\nNone;1\nB;2\n", ["None", "B"]),
        ("id;x\n2020-01-02;1\n2020-01-03;2\n", ["2020-01-02", "2020-01-03"]),
        ("id;x\n1.2.3;1\n1.2.4;2\n", ["1.2.3", "1.2.4"]),
        ("id;x\n0.1;1\n1e-3;2\n", [0.1, 0.001]),
    ],
)
def test_cells_mean_what_they_say(tmp_path, text, expected):
    found = read(put(tmp_path, "a.csv", text))["id"].tolist()
    assert str(found) == str(expected)


def test_one_column_is_a_table(tmp_path):
    assert read(put(tmp_path, "a.csv", "price\n1.5\n2.5\n"))["price"].sum() == 4.0


def test_header_alone_is_a_table_without_rows(tmp_path):
    assert read(put(tmp_path, "a.csv", "a,b\n")).shape == (0, 2)


def test_columns_come_in_the_order_asked_for(tmp_path):
    path = put(tmp_path, "a.csv", TABLE.to_csv(index=False))
    assert list(read(path, columns=["n", "shop"])) == ["n", "shop"]


def test_a_wide_table_is_refused_by_its_header(tmp_path):
    path = put(tmp_path, "a.csv", ",".join(f"c{i}" for i in range(30_000)) + "\n")
    with pytest.raises(DataError, match=r"a\.csv: found 30,000 columns, expected at most 500"):
        read(path, maximum_columns=500)


REFUSED = [
    ("a.csv", b"", ["empty"]),
    ("a.csv", b" \n\n", ["empty"]),
    ("a.csv.gz", gzip.compress(b""), ["empty"]),
    ("a.csv", "\ufeff".encode(), ["empty"]),
    ("a.json", "\ufeff".encode(), ["empty"]),
    ("a.jsonl", "\ufeff\n".encode("utf-16"), ["empty"]),
    ("a.csv", b"a,b\n1,2\n3,\x004\n", ["line 3", "NUL byte"]),
    ("a.csv", b"a,b\n1,2\n3,4,5\n", ["line 3", "found 3 cells, expected 2"]),
    ("a.csv", b"a,b,c\n1,2,3\n\n3,4\n", ["line 4", "found 2 cells, expected 3"]),
    ("a.csv", b"a,b,a\n1,2,3\n", ["line 1", "column 'a'", "twice"]),
    ("a.csv", b'a,b\n1,2\n3,"x\n4,5\n', ["line 3", "quotes"]),
    ("a.csv", b'a,b\n1,2\n3,"x"y\n4,5\n', ["line 3", "quotes"]),
    ("a.csv", "a,b\nKöln,Łódź\n".encode() + b"x,\xff\n", ["line 3", "byte 0xff", "utf-8"]),
    ("a.csv", b"a,b\n1,\x81\n", ["line 2", "byte 0x81", "cp1252", "encoding="]),
    ("a.csv", "a,b\n1,2\n".encode("utf-16-le"), ["line 1", "NUL byte", "utf-16"]),
    ("a.csv", gzip.compress(b"a,b\n1,2\n"), ["gzip archive", "true ending"]),
    ("a.csv", zipped(b"a", "x"), ["zip archive", "spreadsheet"]),
    ("a.csv.gz", b"a,b\n1,2\n", ["can't be unpacked"]),
    ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99)[:-9], ["can't be unpacked"]),
    ("a.csv.bz2", b"a,b\n1,2\n", ["can't be unpacked"]),
    ("a.csv.xz", b"a,b\n1,2\n", ["can't be unpacked"]),
    ("a.csv.zst", b"a,b\n1,2\n", ["can't be unpacked"]),
    ("a.zip", zipped(b"a,b\n1,2\n", "a.csv", "b.csv"), ["expected one file in it, found 2"]),
    ("a.pkl", b"x", ["a pickle can run any program", "Parquet or CSV"]),
    ("a.pickle.gz", gzip.compress(b"x"), ["a pickle can run any program"]),
    ("a.xlsx", b"x", ["spreadsheet", "CSV"]),
    ("a.sqlite", b"x", ["sqlite:///PATH"]),
    ("a.xyz", b"x", ["ending '.xyz'", ".csv, .tsv", "file_format="]),
    ("a", b"x", ["no ending"]),
    ("a.parquet", b"a,b\n1,2\n", ["not a sound Parquet file"]),
    ("a.json", b"[{]", ["line 1", "malformed JSON at character 3"]),
    ("a.json", b"[1]", ["record 1", "expected an object with named values, found 1"]),
    ("a.json", b'{"x": 1, "y": 2}', ["the keys: x, y", "records="]),
    ("a.json", b"3", ["expected a list of records, found int"]),
    ("a.jsonl", b'{"a": 1}\n\n{"a" 1}\n', ["line 3", "malformed JSON"]),
    ("a.json", b"[" * 100_000, ["nested too deeply"]),
]


@pytest.mark.parametrize(("name", "data", "words"), REFUSED)
def test_what_is_no_table_is_refused_with_one_line(tmp_path, name, data, words):
    path = put(tmp_path, name, data)
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert [word for word in [str(path), *words] if word not in message] == []
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"query": "SELECT 1"}, "a query needs a database"),
        ({"separator": ";;"}, "expected one character"),
        ({"separator": '"'}, "expected one character"),
        ({"separator": ",", "decimal": ","}, "separator and decimal are both"),
        ({"decimal": "x"}, "expected '.' or ','"),
        ({"encoding": "klingon"}, "not a text encoding"),
        ({"file_format": "xml"}, "choose of csv, parquet, json, jsonl"),
        ({"timeout": 0}, "expected seconds above 0"),
        ({"retries": -1}, "expected 0 or more"),
        ({"headers": {"Key": "a\nb"}}, "'Key' has a value that HTTP can't carry"),
    ],
)
def test_impossible_options_are_refused(tmp_path, options, words):
    path = put(tmp_path, "a.csv", "a,b\n1,2\n")
    with pytest.raises(ConfigError, match=words):
        read(path, **options)


@pytest.mark.parametrize(
    ("column", "words"), [("sale", "did you mean 'sales'"), ("zzz", "it has: shop, sales")]
)
def test_a_missing_column_is_named_with_those_there_are(tmp_path, column, words):
    path = put(tmp_path, "a.csv", "shop,sales\nx,1\n")
    with pytest.raises(DataError, match=f"no column '{column}'; {words}"):
        read(path, columns=[column])


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_every_text_that_python_writes_is_cut_into_the_same_cells(rows):
    frame = pd.DataFrame([("x" + a, "y" + b) for a, b in rows], columns=["first", "second"])
    data = frame.to_csv(index=False, quoting=csv.QUOTE_ALL).encode()
    found, origin = parse_delimited(data, ReadOptions(separator=","), "a.csv")
    assert found.to_numpy().tolist() == frame.to_numpy().tolist()
    assert origin.lines is not None


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(["1,2", "3,", ",", "", " ", "\t"]), max_size=6), st.booleans())
def test_lines_are_those_that_pandas_reads_with_and_without_quotes(rows, has_quotes):
    cells = ["7,8", *rows, '"8",9' if has_quotes else "8,9"]
    frame, origin = parse_delimited("\n".join(["a,b", *cells]).encode(), ReadOptions(), "a.csv")
    assert [cells[line - 2] for line in origin.lines] == [row for row in cells if row.strip()]
    assert len(frame) == len(origin.lines)
