"""Strategies that a user keeps in a Python file of their own."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType

from scenara.finance.portfolio.strategies.base import (
    FunctionStrategy,
    Strategy,
    check_lookback,
)
from scenara.finance.portfolio.strategies.calls import check_arguments
from scenara.finance.portfolio.strategies.names import nearest
from scenara.finance.portfolio.strategies.optimiser import OptimiserStrategy, is_optimiser
from scenara.shared.errors import ConfigError, ScenaraError

__all__ = ["blame_files", "load_strategies"]

_LOOKBACK = 63
_MODULE = "_strategies_of_"


def load_strategies(path: str) -> dict[str, Strategy]:
    r"""Run a Python file and take the strategies that it defines.

    These are its public functions, which are given the last 63 returns or as many as their
    attribute ``lookback`` says, its objects that follow the protocol, and its optimisers in the
    style of scikit-learn. With ``__all__``, it is only what that names. The file is run as it
    would be by Python, and may import what is beside it: only give one that you trust.

    Args:
        path: Path of the file; ``file.py:name`` takes one strategy alone.

    Returns:
        ``file.py:name`` -> strategy, in the order of the file.

    Raises:
        ConfigError: The file is missing, can't be run, or holds no strategy, or not that one.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "rules.py"
        ...     _ = file.write_text("def winner(past):\n    return (past[-1] > 0) * 0.5")
        ...     sorted(load_strategies(str(file)))
        ['rules.py:winner']
    """
    where, _, wanted = path.partition(".py:")
    file = Path(f"{where}.py" if wanted else path)
    module = _run(file)
    found = {name: value for name, value in _public(module).items() if _is_one(value, module)}
    if not found:
        raise ConfigError(
            f"{file}: found no strategy; define a public function of past returns that gives "
            "weights, or an object with lookback and weights(history, state)"
        )
    if wanted and wanted not in found:
        raise ConfigError(
            f"{file}: there is no strategy {wanted!r}; {nearest(wanted, list(found))}"
        )
    chosen = [wanted] if wanted else list(found)
    return {f"{file.name}:{name}": _strategy(found[name], name, file) for name in chosen}


@contextmanager
def blame_files() -> Iterator[None]:
    """Turn what goes wrong inside a user's file of strategies into one line that names the place.

    Raises:
        ConfigError: An error came out of a file that ``load_strategies`` has run.

    Example:
        >>> with blame_files():
        ...     pass
    """
    try:
        yield
    except ScenaraError:
        raise
    except (Exception, SystemExit) as error:
        modules = [module for name, module in sys.modules.items() if name.startswith(_MODULE)]
        for file in (str(module.__file__) for module in modules):
            if line := _line(error, file):
                reason = f"{type(error).__name__}: {error}"
                raise ConfigError(f"{file}, line {line}: the strategy failed: {reason}") from error
        raise


def _run(file: Path) -> ModuleType:
    try:
        source = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    name = _MODULE + str(file.resolve())
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(file))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(file)
    # Data classes look their module up while they are made, and files import what is beside them.
    sys.modules[name] = module
    sys.path.insert(0, str(file.parent))
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)  # noqa: S102 - what was asked for
    except SyntaxError as error:
        where = f"{file}, line {error.lineno}" if error.lineno else f"{file}"
        raise ConfigError(f"{where}: not valid Python: {error.msg}") from error
    except (Exception, SystemExit) as error:
        line = _line(error, str(file))
        raise ConfigError(
            f"{file}, line {line}: can't be run: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.remove(str(file.parent))
    return module


def _line(error: BaseException, file: str) -> int:
    """Give the last line of the file that the error passed through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _public(module: ModuleType) -> dict[str, object]:
    """Give what a file means to be used, by name."""
    public = getattr(module, "__all__", None)
    if public is None:
        return {name: value for name, value in vars(module).items() if not name.startswith("_")}
    if not isinstance(public, list | tuple) or not all(isinstance(name, str) for name in public):
        raise ConfigError(
            f"{module.__file__}: __all__: expected a list of names, such as ['rule'], found {public!r}"
        )
    missing = [name for name in public if not hasattr(module, name)]
    if missing:
        raise ConfigError(f"{module.__file__}: __all__ names {missing[0]!r}, which is not there")
    return {name: getattr(module, name) for name in public}


def _is_one(value: object, module: ModuleType) -> bool:
    """Tell strategies from what else stands in a file, imported functions included."""
    if isinstance(value, FunctionType):
        return value.__module__ == module.__name__
    return not isinstance(value, type) and (is_optimiser(value) or isinstance(value, Strategy))


def _strategy(value: object, name: str, file: Path) -> Strategy:
    try:
        return _made(value)
    except ConfigError as error:
        raise ConfigError(
            f"{file}: {name}: {error}; if it is no strategy, begin its name with _ or leave it out "
            "of __all__"
        ) from error


def _made(value: object) -> Strategy:
    if isinstance(value, FunctionType):
        lookback = getattr(value, "lookback", _LOOKBACK)
        holdings = bool(getattr(value, "uses_holdings", False))
        return FunctionStrategy(value, lookback=lookback, uses_holdings=holdings)
    if is_optimiser(value):
        return OptimiserStrategy(value)
    assert isinstance(value, Strategy)
    check_lookback(value.lookback, minimum=0)
    check_arguments(value)
    return value
