"""A real server on the loopback device: formats, retries, and every refusal."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest

from scenara.shared.data import read
from scenara.shared.errors import ConfigError, DataError

TABLE = pd.DataFrame({"shop": ["Köln", "Łódź"], "sales": [1.5, -2.25]})
ROWS = TABLE.to_dict("records")
CSV = TABLE.to_csv(index=False).encode()
HTML = b"<html>please log in</html>"


class Handler(BaseHTTPRequestHandler):
    """Give the next of ``server.answers[path]``, (status, headers, body); repeat the last."""

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.server.asked.append((path, dict(self.headers)))
        answers = self.server.answers[path]
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        time.sleep(headers.pop("Sleep", 0))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Stay silent."""


@pytest.fixture
def server(monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        running.block_on_close = False
        running.handle_error = lambda *_: None  # a client that gave up is what a test wants
        running.answers, running.asked = {}, []
        running.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def busy(status=503):
    return (status, {"Retry-After": "0"}, b"busy")


def parquet():
    return TABLE.to_parquet()


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/a.csv", "text/csv; charset=utf-8", CSV),
        ("/a.csv", "text/plain", CSV),
        ("/export", "text/csv", CSV),
        ("/a.tsv", "application/octet-stream", TABLE.to_csv(index=False, sep="\t").encode()),
        ("/export", "application/octet-stream", parquet()),
        ("/a.parquet", "binary/octet-stream", parquet()),
        ("/rows", "application/json", json.dumps(ROWS).encode()),
        ("/rows", "application/json; charset=utf-8", json.dumps({"results": ROWS}).encode()),
        ("/a.json", "text/plain", json.dumps(ROWS).encode()),
        ("/rows", "application/x-ndjson", b"\n".join(json.dumps(r).encode() for r in ROWS)),
        ("/export", "text/csv; charset=iso-8859-2", TABLE.to_csv(index=False).encode("iso-8859-2")),
    ],
)
def test_tables_of_every_format_are_read(server, path, content_type, body):
    server.answers[path] = [(200, {"Content-Type": content_type}, body)]
    pd.testing.assert_frame_equal(read(server.url + path), TABLE)


def test_records_are_found_by_their_path(server):
    body = json.dumps({"answer": {"rows": ROWS}}).encode()
    server.answers["/rows"] = [(200, {"Content-Type": "application/json"}, body)]
    pd.testing.assert_frame_equal(read(f"{server.url}/rows", records="answer.rows"), TABLE)


def test_redirects_are_followed(server):
    server.answers["/old.csv"] = [(302, {"Location": "/new.csv"}, b"")]
    server.answers["/new.csv"] = [(200, {}, CSV)]
    pd.testing.assert_frame_equal(read(f"{server.url}/old.csv"), TABLE)


def test_headers_are_sent(server):
    server.answers["/a.csv"] = [(200, {}, CSV)]
    read(f"{server.url}/a.csv", headers={"Authorization": "Bearer secret"})
    assert server.asked[0][1]["Authorization"] == "Bearer secret"


def test_headers_do_not_travel_along_a_redirect(server):
    server.answers["/old.csv"] = [(302, {"Location": "/new.csv"}, b"")]
    with pytest.raises(DataError, match="302 Found; with headers= give the address it points to"):
        read(f"{server.url}/old.csv", headers={"X-Key": "secret"})
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_recovers_at_the_third_try_is_read(server, status):
    server.answers["/a.csv"] = [busy(status), busy(status), (200, {}, CSV)]
    pd.testing.assert_frame_equal(read(f"{server.url}/a.csv"), TABLE)
    assert len(server.asked) == 3


def test_retries_wait_longer_each_time(server):
    server.answers["/a.csv"] = [(500, {}, b""), (500, {}, b""), (200, {}, CSV)]
    start = time.monotonic()
    read(f"{server.url}/a.csv")
    assert time.monotonic() - start >= 0.25 + 0.5


def test_retries_are_bounded(server):
    server.answers["/a.csv"] = [busy()]
    with pytest.raises(DataError, match="answered 503 Service Unavailable, asked 3 times"):
        read(f"{server.url}/a.csv", retries=2)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "401 Unauthorized; it wants credentials"),
        (403, "403 Forbidden; it refuses access"),
        (404, "404 Not Found; there is nothing at this address"),
        (418, "418"),
    ],
)
def test_a_lasting_refusal_is_not_tried_again(server, status, words):
    server.answers["/a.csv"] = [(status, {}, b"")]
    with pytest.raises(DataError, match=words):
        read(f"{server.url}/a.csv")
    assert len(server.asked) == 1


def test_a_slow_server_is_given_up(server):
    server.answers["/a.csv"] = [(200, {"Sleep": 1.0}, CSV)]
    with pytest.raises(DataError, match=r"no answer within 0\.1 s, asked once"):
        read(f"{server.url}/a.csv", timeout=0.1, retries=0)


def test_a_closed_port_is_refused(server):
    server.server_close()
    with pytest.raises(DataError, match="no connection .*asked once"):
        read(f"{server.url}/a.csv", retries=0)


@pytest.mark.parametrize(
    ("path", "headers", "body", "words"),
    [
        ("/a.json", {}, b'[{"a": 1},\n{"a" 2}]', ["a.json, line 2: malformed JSON at character 6"]),
        ("/a.csv", {}, b"", ["the file is empty"]),
        ("/a.csv", {}, b"a,b\n1\n", ["line 2", "found 1 cells, expected 2"]),
        ("/a.csv", {"Content-Type": "text/html; charset=utf-8"}, HTML, ["found a web page"]),
        ("/export", {"Content-Type": "image/png"}, b"x", ["no ending", "file_format="]),
        ("/a.pkl", {}, b"x", ["a pickle can run any program"]),
        ("/a.csv", {"Content-Encoding": "gzip"}, b"no gzip", ["check the address"]),
    ],
)
def test_an_answer_that_is_no_table_is_refused(server, path, headers, body, words):
    server.answers[path] = [(200, dict(headers), body)]
    with pytest.raises(DataError) as caught:
        read(server.url + path)
    assert [word for word in [server.url, *words] if word not in str(caught.value)] == []


@pytest.mark.parametrize("status", [404, 503])
def test_secrets_in_an_address_never_show(server, status):
    server.answers["/a.csv"] = [(status, {}, b"")]
    url = server.url.replace("//", "//user:secret@") + "/a.csv?api_key=secret"
    with pytest.raises(DataError) as caught:
        read(url, retries=0, headers={"X-Key": "secret"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://user:hush/hush@host/x", "http://[::1/x?hush", "http:///x?hush"]
)
def test_an_invalid_address_is_refused_without_showing_secrets(url):
    with pytest.raises(DataError) as caught:
        read(url, retries=0)
    assert "hush" not in str(caught.value)


def test_a_query_is_for_databases(server):
    with pytest.raises(ConfigError, match="a query needs a database URL"):
        read(f"{server.url}/a.csv", query="SELECT 1")
