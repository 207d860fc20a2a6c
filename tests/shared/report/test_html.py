"""The page is one file, escapes every text and runs nothing."""

import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.report import (
    Bullets,
    Cell,
    Chart,
    Charts,
    Column,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    LegendItem,
    Link,
    Links,
    Notice,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
    histograms,
)

PAYLOAD = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\"'>"
)
VOID = {"meta", "img", "br", "link", "input", "hr"}


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.errors, self.ids, self.text = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def _report(text):
    draws = np.random.default_rng(0).normal(size=100)
    svg = histograms({text: draws}, observed={text: draws[:3]}, title=text)
    chart = Chart(text, svg, svg, caption=text, legend=(LegendItem(text, "dot", "worlds"),))
    table = Table(
        text,
        (Column(text, numeric=False, note=text), Column("n")),
        (Row((text,), "group"), Row((text, Cell(text, note=text, level="level-3")), "total")),
    )
    blocks = (
        Paragraph(text),
        Notice(text, text),
        KeyFigures((KeyFigure(text, text, text, tone="warning"),)),
        table,
        chart,
        Charts((chart, chart)),
        Facts(((text, text),)),
        Bullets((text,)),
        Links((Link(text, "a.html", note=text),)),
        Details(text, (Paragraph(text), table)),
    )
    return Report(text, (Section(text, blocks),), subtitle=text, opening=(Paragraph(text),))


@pytest.fixture(scope="module")
def nasty_page():
    return _report(PAYLOAD).html()


def test_a_payload_in_every_place_makes_no_element(nasty_page):
    page = _Page(nasty_page)
    assert not {"script", "img", "iframe", "object", "link"} & {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_a_payload_shows_as_text(nasty_page):
    assert "".join(_Page(nasty_page).text).count(PAYLOAD) >= 20


def test_every_element_is_closed(nasty_page):
    page = _Page(nasty_page)
    assert (page.errors, page.open) == ([], [])


def test_ids_are_unique_on_a_page_with_the_same_chart_six_times(nasty_page):
    ids = _Page(nasty_page).ids
    assert len(ids) == len(set(ids)) > 6


def test_the_page_needs_nothing_from_elsewhere():
    html = _report("plain").html()
    page = _Page(html)
    outside = [v for _, attrs in page.tags for k, v in attrs.items() if k in {"src", "srcset"}]
    assert outside == []
    assert "@import" not in html
    assert "url(http" not in html


def test_the_page_forbids_scripts_and_requests():
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in _report("plain").html()


def test_the_same_report_gives_the_same_page():
    assert _report("plain").html() == _report("plain").html()


@pytest.mark.parametrize("text", ["\ud800", "nul \x00", "名前", "{{ 7 * 7 }}", "%s {x}"])
def test_any_text_can_be_saved_and_read_as_utf8(text, tmp_path):
    path = _report(text).save(tmp_path / "report.html")
    assert "49" not in "".join(_Page(path.read_bytes().decode("utf-8")).text)[:200]


@pytest.mark.parametrize("metrics", [{"x": float("nan")}, {"x": np.ones(2)}, {"x": {1, 2}}])
def test_metrics_that_are_not_ready_for_json_are_refused(metrics):
    with pytest.raises(ConfigError, match="ready for JSON"):
        Report("t", (), metrics=metrics)


def test_metrics_are_kept():
    assert json.dumps(Report("t", (), metrics={"a": [1, None]}).metrics) == '{"a": [1, null]}'


def test_importing_the_report_loads_no_matplotlib():
    code = "import sys, scenara.shared.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("with_policy", [True, False])
def test_a_browser_runs_no_payload(nasty_page, tmp_path, with_policy):
    marked = nasty_page.replace("Content-Security-Policy", "X-Nothing")
    html = nasty_page if with_policy else marked
    dom = _dump_dom(html.replace("<title>", "<title>calm ", 1), tmp_path)
    assert "<title>calm &lt;script&gt;" in dom
    assert "<title>owned" not in dom


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_the_browser_test_would_notice_a_payload(tmp_path):
    page = f"<!doctype html><title>calm</title><body>{PAYLOAD}"
    assert "<title>owned</title>" in _dump_dom(page, tmp_path)


def _dump_dom(html, folder):
    (folder / "page.html").write_text(html, encoding="utf-8")
    quiet = ("quic", "background-networking", "component-update", "sync", "gpu")
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--no-first-run", "--dump-dom"),
        *(f"--disable-{feature}" for feature in quiet),
        f"--user-data-dir={folder / 'profile'}",
        (folder / "page.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return done.stdout.decode("utf-8")
