"""Tables in files on this machine."""

import os
import stat
from pathlib import Path

import pandas as pd

from scenara.shared.data.formats import format_of, parse, unpack
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin, one_line
from scenara.shared.errors import ConfigError, DataError

__all__ = ["check_file", "read_file"]


def check_file(path: Path, name: str) -> None:
    """Refuse a path that is not a file which can be read, and say why.

    Args:
        path: The path.
        name: How the user named it, for messages.

    Raises:
        DataError: If there is no such file, it is a directory or a device, or it may not be read.

    Example:
        >>> check_file(Path("/"), "/")
        Traceback (most recent call last):
        ...
        scenara.shared.errors.DataError: /: is a directory, expected a file; name one file in it
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{name}: there is no such file; check the path") from error
    except PermissionError as error:
        raise DataError(f"{name}: no permission to look into its folder") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{name}: not a path that can be read ({one_line(error)})") from error
    if stat.S_ISDIR(mode):
        raise DataError(f"{name}: is a directory, expected a file; name one file in it")
    if not stat.S_ISREG(mode):
        raise DataError(f"{name}: is a device or a pipe, expected a file; save it as one first")
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise DataError(f"{name}: no permission to read it; change that, or name a copy of yours")


def read_file(source: str, options: ReadOptions) -> tuple[pd.DataFrame, Origin]:
    """Read a table from a file of one of the known formats.

    Args:
        source: Path of the file; ``~`` is the home directory.
        options: How to read it.

    Returns:
        The table, and where its rows came from.

    Raises:
        DataError: If the file can't be read or is not a table.
        ConfigError: If a query is given, which only databases take.
    """
    name = one_line(source)
    if options.query is not None:
        raise ConfigError(f"{name}: a query needs a database such as sqlite:///PATH, not a file")
    path = Path(source).expanduser()
    inner = path.name
    check_file(path, name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{name}: can't be read ({one_line(error.strerror)})") from error
    data, inner = unpack(data, inner, name)
    return parse(data, options, name, file_format=options.file_format or format_of(inner, name))
