"""Tables that an SQL database gives in answer to a query."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from scenara.shared.data.files import check_file
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin, one_line, shown
from scenara.shared.data.selection import select
from scenara.shared.errors import ConfigError, DataError

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

__all__ = ["read_database"]

_IN_FILES = ("sqlite", "duckdb")


def _parse_url(source: str) -> "tuple[URL, str]":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    scheme = one_line(source.partition("://")[0])
    try:
        url = make_url(source)
        url.get_dialect()
    except NoSuchModuleError as error:
        raise DataError(
            f"{scheme}://...: no way is known to read {scheme!r}; known are files, http(s):// and "
            "databases such as sqlite:///PATH, duckdb:///PATH or postgresql://HOST/NAME"
        ) from error
    except ImportError as error:
        raise _no_driver(f"{scheme}://...", error) from error
    except (ArgumentError, ValueError):
        # Not chained: the message of the cause can hold the password.
        raise DataError(
            f"{scheme}://...: not a database URL; expected {scheme}://USER:PASSWORD@HOST/NAME"
        ) from None
    return url, one_line(url.set(query={}).render_as_string(hide_password=True))


def _no_driver(name: str, error: ImportError) -> DataError:
    driver = error.name or "its driver"
    return DataError(
        f"{name}: the driver {driver!r} is not installed; install it with: pip install {driver}"
    )


def _engine(url: "URL", name: str) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    backend = url.get_backend_name()
    if backend in _IN_FILES:
        if not url.database or url.database == ":memory:":
            raise DataError(f"{name}: an empty database in memory has no tables; name its file")
        check_file(Path(url.database), name)
    # Without this DuckDB would lock the file against every other reader.
    arguments: dict[str, Any] = {"read_only": True} if backend == "duckdb" else {}
    try:
        return create_engine(url, poolclass=NullPool, connect_args=arguments)
    except ImportError as error:
        raise _no_driver(name, error) from error
    except (ArgumentError, TypeError) as error:
        raise DataError(f"{name}: {_harmless(error, url)}") from None


def _harmless(error: BaseException, url: "URL") -> str:
    """Give the driver's message on one line, without the password and the like."""
    text = one_line(getattr(error, "orig", None) or error)
    secrets = [str(url.password or "")]
    for value in url.query.values():
        secrets += [value] if isinstance(value, str) else list(value)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text


def _fetch(engine: "Engine", query: str) -> pd.DataFrame:
    with engine.connect().execution_options(no_parameters=True) as connection:
        if engine.dialect.name == "sqlite":  # its driver commits DDL without being asked to
            connection.exec_driver_sql("PRAGMA query_only = ON")
        result = connection.exec_driver_sql(query)
        if not result.returns_rows:
            raise ConfigError("the query gives no rows; expected a SELECT")
        columns = list(result.keys())
        return pd.DataFrame.from_records(result.fetchall(), columns=columns, coerce_float=True)


def read_database(source: str, options: ReadOptions) -> tuple[pd.DataFrame, Origin]:
    """Read the answer of an SQL database to a query.

    The query runs in a transaction that is never committed; SQLite and DuckDB are opened to read
    only.

    Args:
        source: URL in SQLAlchemy's form, such as ``postgresql://user:password@host/name``.
        options: Holds the query.

    Returns:
        The answer, and its origin, whose name has no password.

    Raises:
        DataError: If the database can't be reached, its driver is not installed, or it refuses
            the query.
        ConfigError: If no query is given, or one that gives no rows.

    References:
        SQLAlchemy, "Engine Configuration", https://docs.sqlalchemy.org/en/20/core/engines.html.
    """
    from sqlalchemy.exc import SQLAlchemyError

    url, name = _parse_url(source)
    if not (options.query or "").strip():
        raise ConfigError(f"{name}: a database needs a query, such as 'SELECT * FROM prices'")
    engine = _engine(url, name)
    try:
        frame = _fetch(engine, options.query or "")
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"{name}: the database refused: {_harmless(error, url)}") from None
    finally:
        engine.dispose()
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError(f"{name}: column {shown(twice[0])} comes twice; name it with AS")
    return select(frame, options, name), Origin(name)
