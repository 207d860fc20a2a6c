"""The contract that every generator keeps, whatever its kind of data and family of model."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

from sklearn.base import BaseEstimator

from scenara.shared.errors import ConfigError, NotFittedError
from scenara.shared.store import Artifact, State, canonical_json, sha256, write_artifact

__all__ = ["Generator"]


class Generator(BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn ships no types
    """Learn from real data and write new data like it.

    The three kinds (tables, series, interactions) each have a subclass of their own with ``fit``
    and ``sample``; a family of models below it writes four hooks: ``_fit``, ``_sample``,
    ``_state`` and ``_restore``. Estimators follow scikit-learn: the constructor stores,
    ``fit`` returns the estimator, fitted attributes end in ``_``.
    """

    family: ClassVar[str]
    """Registered name, ``kind/name``."""

    shard_size: ClassVar[int] = 1_000
    """Items drawn from one random stream; a part of what makes a sample repeatable."""

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Save the fitted generator as a folder of JSON, safetensors and Parquet.

        Args:
            folder: Where to write; it appears whole or not at all.
            overwrite: Replace a folder that stands there already.

        Returns:
            The folder.

        Raises:
            NotFittedError: The generator is not fitted.
            ConfigError: The folder exists and ``overwrite`` is not set.
        """
        return write_artifact(folder, self._artifact(), overwrite=overwrite)

    def fingerprint(self) -> str:
        """Give a checksum of the settings and the fitted state.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        contents = self._artifact().contents()
        digests = {name: sha256(content) for name, content in contents.items()}
        return sha256(canonical_json({"family": self.family, "files": digests}))

    def state(self) -> State:
        """Give what ``fit`` learned, apart from the settings.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        self._check_fitted()
        return self._state()

    def restore(self, state: State) -> Self:
        """Take over what another generator of the same family and settings has learned.

        Args:
            state: From a saved artifact.
        """
        self._restore(state)
        return self

    @abstractmethod
    def _state(self) -> State:
        """Give what ``fit`` learned."""

    @abstractmethod
    def _restore(self, state: State) -> None:
        """Take over what :meth:`_state` gave."""

    def _artifact(self) -> Artifact:
        settings: dict[str, Any] = self.get_params(deep=False)
        return Artifact("generator", self.family, settings, self.state())

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"{self.family} is not fitted yet; call fit(data) first")

    @abstractmethod
    def __sklearn_is_fitted__(self) -> bool:
        """Say whether the last call of ``fit`` went to its end."""

    def _refuse_conditions(self, given: object) -> None:
        if given is not None:
            raise ConfigError(f"{self.family} can't sample under conditions; leave given out")
