"""The errors a caller of scenara can expect, one small family.

Each is also the built-in a Python user would catch. A message says what was found, where, what
was expected and what to do; the command line prints it as one line and exits with code 2.
"""

__all__ = [
    "ArtifactError",
    "ConfigError",
    "DataError",
    "MissingExtraError",
    "NotFittedError",
    "ScenaraError",
    "SchemaError",
    "TrainingError",
]


class ScenaraError(Exception):
    """Stand above every error that scenara raises on purpose."""


class DataError(ScenaraError, ValueError):
    """Refuse data: a file, a row, a column or an array is not what was asked for."""


class SchemaError(DataError):
    """Refuse a schema, or data that contradict theirs."""


class ArtifactError(ScenaraError, ValueError):
    """Refuse a saved artifact: damaged, incomplete, unknown or unsafe."""


class ConfigError(ScenaraError, ValueError):
    """Refuse an argument, a setting or a name that is not known."""


class NotFittedError(ScenaraError, ValueError, AttributeError):
    """Refuse to use an estimator before ``fit``."""


class TrainingError(ScenaraError, ArithmeticError):
    """Stop a training run that can't go on, for example because the loss is not finite."""


class MissingExtraError(ConfigError, ImportError):
    """Name the optional dependency that is missing and how to install it.

    Args:
        package: Name of the package that could not be imported.
        extra: Name of scenara's extra that brings it.
        purpose: What it is needed for.
    """

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed; "
            f"install it with: pip install 'scenara[{extra}]'"
        )
