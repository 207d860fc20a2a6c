import lzma
import os
import pickle
import subprocess

import numpy as np
import pandas as pd
import pytest
from tests.shared.data.samples.pickles import PACKED, pickled_as_before

from scenara.shared.data.samples.unpickle import frame_from_pickle
from scenara.shared.errors import ArtifactError


class Evil:
    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


def plain_frame():
    columns = pd.Index(["n", "x", "word", "m"], dtype=object)
    words = np.array(["b", "", "a"], dtype=object)
    frame = pd.DataFrame({"n": [3, 1, 2], "x": [0.5, np.nan, -1.0], "m": [7, 8, 9]})
    frame.insert(2, "word", pd.Series(words, dtype=object))
    frame.columns = columns
    return frame


def test_a_plain_frame_comes_back():
    frame = plain_frame()
    back = frame_from_pickle(pickled_as_before(frame))
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_column_type=False)


def test_a_frame_written_by_an_older_pandas_comes_back():
    back = frame_from_pickle(lzma.decompress(PACKED))
    assert back[["rownames", "n"]].to_numpy().tolist() == [[1, 3], [2, 1], [3, 2]]
    assert back["word"].fillna("missing").tolist() == ["b", "missing", "a"]
    np.testing.assert_array_equal(back["x"], [0.5, np.nan, -1.0])


@pytest.mark.parametrize("call", [os.system, eval, exec, subprocess.Popen, pickle.loads])
def test_a_call_to_anything_else_is_refused_and_not_made(tmp_path, call):
    marker = tmp_path / "marker"
    evil = pickle.dumps(Evil(call, f"touch {marker}"))
    with pytest.raises(ArtifactError, match=r"refused a pickle that names \w+\.\w+"):
        frame_from_pickle(evil)
    assert not marker.exists()


def test_evil_inside_a_frame_is_refused(tmp_path):
    frame = plain_frame()
    frame.iloc[0, 2] = Evil(os.system, f"touch {tmp_path}/marker")
    with pytest.raises(ArtifactError, match="system"):
        frame_from_pickle(pickled_as_before(frame))
    assert not list(tmp_path.iterdir())


def test_a_class_of_pandas_that_is_no_plain_frame_is_refused():
    with pytest.raises(ArtifactError, match=r"names pandas\S*\.Series"):
        frame_from_pickle(pickle.dumps(pd.Series([1])))


@pytest.mark.parametrize("found", [1, [1, 2], {"a": 1}, "text", None])
def test_what_is_no_frame_is_refused(found):
    with pytest.raises(ArtifactError, match="expected a pickled data frame"):
        frame_from_pickle(pickle.dumps(found))


@pytest.mark.parametrize("data", [b"", b"not a pickle", pickled_as_before(plain_frame())[:200]])
def test_damage_is_refused(data):
    with pytest.raises(ArtifactError, match="expected a pickled data frame"):
        frame_from_pickle(data)
