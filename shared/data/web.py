"""Tables behind an http(s) address: files and JSON services."""

import codecs
import time
from typing import TYPE_CHECKING

import pandas as pd

from scenara.shared.data.formats import format_of, parse, unpack
from scenara.shared.data.options import FileFormat, ReadOptions
from scenara.shared.data.origin import Origin, one_line
from scenara.shared.errors import ConfigError, DataError

if TYPE_CHECKING:
    from httpx import Client, Response

__all__ = ["read_web"]

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0

_CONTENT_TYPES: dict[str, FileFormat] = {
    "text/csv": "csv",
    "text/plain": "csv",
    "text/tab-separated-values": "csv",
    "application/csv": "csv",
    "application/json": "json",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "application/vnd.apache.parquet": "parquet",
}

_ADVICE = {
    401: "it wants credentials: give them with headers=",
    403: "it refuses access: give credentials with headers=",
    404: "there is nothing at this address: check it",
}


def _safe_name(source: str) -> str:
    """Give the address without user, password, and query, where keys like to stand."""
    scheme, _, rest = source.partition("://")
    address = rest.partition("?")[0].partition("#")[0]
    return one_line(f"{scheme}://{address.rpartition('@')[2]}")


def _pause(attempt: int, asked: str) -> float:
    seconds = float(asked) if asked.isdigit() else _FIRST_PAUSE * 2**attempt
    return min(seconds, _LONGEST_PAUSE)


def _get(client: "Client", source: str, retries: int, name: str) -> "Response":
    import httpx

    problem, asked = "", ""
    for attempt in range(retries + 1):
        if attempt:
            time.sleep(_pause(attempt - 1, asked))
        try:
            response = client.get(source)
        except httpx.TimeoutException:
            problem, asked = f"no answer within {client.timeout.read:g} s", ""
        except httpx.TransportError as error:
            problem, asked = f"no connection ({one_line(error)})", ""
        else:
            if response.status_code not in _PASSING:
                return response
            problem = f"the server answered {response.status_code} {response.reason_phrase}"
            asked = response.headers.get("Retry-After", "")
    tries = "once" if retries == 0 else f"{retries + 1} times"
    raise DataError(f"{name}: {problem}, asked {tries}; try later, or raise timeout= or retries=")


def _download(source: str, options: ReadOptions, name: str) -> "Response":
    import httpx

    try:
        with httpx.Client(
            timeout=options.timeout,
            headers=dict(options.headers),
            follow_redirects=not options.headers,  # keys must not travel to another host
        ) as client:
            response = _get(client, source, options.retries, name)
    except httpx.InvalidURL:
        # Not chained: the message of the cause can hold the password.
        raise DataError(f"{name}: not a valid address; expected http(s)://HOST/PATH") from None
    except (httpx.TooManyRedirects, httpx.DecodingError) as error:
        raise DataError(f"{name}: {one_line(error)}; check the address") from error
    if not response.is_success:
        advice = _ADVICE.get(response.status_code, "check the address")
        advice = "with headers= give the address it points to" if response.is_redirect else advice
        status = f"{response.status_code} {response.reason_phrase}"
        raise DataError(f"{name}: the server answered {one_line(status)}; {advice}")
    return response


def _format(path: str, content_type: str, data: bytes, name: str) -> FileFormat:
    if content_type == "text/html":
        raise DataError(f"{name}: found a web page, expected a table; check the address")
    if data.startswith(b"PAR1\x15"):
        return "parquet"
    if content_type in _CONTENT_TYPES and content_type != "text/plain":
        return _CONTENT_TYPES[content_type]
    try:
        return format_of(path, name)
    except DataError:
        if content_type in _CONTENT_TYPES:
            return _CONTENT_TYPES[content_type]
        raise


def _charset(response: "Response") -> str | None:
    try:
        return codecs.lookup(response.charset_encoding or "").name
    except LookupError:
        return None


def read_web(source: str, options: ReadOptions) -> tuple[pd.DataFrame, Origin]:
    """Read a table from an http(s) address: a CSV or Parquet file, or a JSON service.

    Timeouts, broken connections and the answers 408, 425, 429 and 5xx are tried again, after
    pauses of 0.25, 0.5, 1, ... seconds or what the server asks for, at most 10.

    Args:
        source: The address. What stands before ``@`` and after ``?`` never gets into a message.
        options: How to read it, with headers, timeout and retries.

    Returns:
        The table, and where its rows came from.

    Raises:
        DataError: If the server gives no table.
        ConfigError: If a query is given, which only databases take.
    """
    name = _safe_name(source)
    if options.query is not None:
        raise ConfigError(f"{name}: a query needs a database URL; put this one into the address")
    response = _download(source, options, name)
    data, path = unpack(response.content, response.url.path, name)
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    file_format = options.file_format or _format(path, content_type, data, name)
    return parse(data, options, name, file_format=file_format, declared=_charset(response))
