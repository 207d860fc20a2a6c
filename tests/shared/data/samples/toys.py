"""A toy package, in the forms that real ones come in."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace

import pandas as pd

from scenara.shared.data.samples import Member, Package, Sample, Table

MEMBER = "toy/data/table.csv"
CONTENT = b"x,y\n1,2.5\n3,4.5\n"
METADATA = "Metadata-Version: 2.1\nName: scenara-toy\nVersion: 1.0\n"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def wheel_of(members):
    buffer = io.BytesIO()
    info = "scenara_toy-1.0.dist-info"
    tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in members.items():
            archive.writestr(path, data)
        archive.writestr(f"{info}/METADATA", METADATA)
        archive.writestr(f"{info}/WHEEL", tag)
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def sdist_of(members, *, links=()):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, data in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        for path, target in links:
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return buffer.getvalue()


def toy_sample(*, content=CONTENT, archive=b"", form="wheel", shape=(2, 2), **changes):
    package = Package("scenara-toy", "1.0", sha256(archive), 0.1, "MIT", form=form)
    member = Member(MEMBER, sha256(content))
    table = Table("main", (member,), lambda part: pd.read_csv(io.BytesIO(part)), *shape)
    toy = Sample("toy", "a toy", "x and y, no unit", package, (table,), "MIT", "nobody (2020)")
    return replace(toy, **changes)
