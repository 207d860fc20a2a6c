"""Pickled frames in the form the published ones have, whatever pandas runs the tests."""

import base64
import pickle

# pd.DataFrame({"rownames": [1, 2, 3], "n": [3, 1, 2], "x": [0.5, nan, -1.0],
# "word": ["b", None, "a"]}), pickled (protocol 5) by pandas 2.2.3 on numpy 1.26.4, xz.
PACKED = base64.b64decode(
    "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AOaAhpdAEABTnbWceQ4MZKNjXqtuAhpWusombCkTOl6shGgbj7G"
    "QHVjA8NBDzz75l41isUtReWbw7QTuV6T4S4P6G7oQgfmCz+4Kvy3zhPDvd04wJmnxaE+mulHla9p7gB7d+1S"
    "QYD13iWrfW4lAyL1kZbe4e6L9libQYHNyLjzFn+sUEtpx/K3wST6RxXcqz18nHD4Q8kxAQZiLC3tncaJz4AT"
    "pydllnHmge26uU7IIuZ19S1TFJU/cVsdbT/fhbEGLTewmDBqoLRVCYCj3lE9cMcKGbDzCq8z+MQYxW/rsEjO"
    "wROJ27v1xQyI3sdlCtkvwsLkAS/hP7bBuE+Ldof8M8Qod/BMCP9/nabMvnKxMVklKkIiV/kbj00J7t/NhAEx"
    "ZBesHl40vvrHpmp/QqDK+dozls+9p4YyvTGXvkv0PgsSIBlpNHW590KWgZI9iIlIMjoC90TZum+K7W+pd0OW"
    "bn2G+iA253SU6oc3xkMZ19xP66Jj5yosFecgAvDHZcOJelAVpPlRjU1o5kDggcT4mdzAhSXdrSY/JBW38t6l"
    "chgHblJfW4R7DpgPOn2unqniRnYcH6I9hduiiamTiL8+saLllFdEfJsXfMQl2Dpjx40dJULVwkMlDgUlo9PB"
    "bH1u2nrlxQqWksZ+pfEoSIIIbfD3O6Db56/6D4JZUjVKZG9hqADgNea9Hzikk/15qT30uEJT/tMGUEGa/v+C"
    "eQcAAABrgb1uQJJ6aQABtgSbBwAAVfJIlbHEZ/sCAAAAAARZWg=="
)

RENAMED = {
    b"cpandas\nDataFrame\n": b"cpandas.core.frame\nDataFrame\n",
    b"cpandas\nIndex\n": b"cpandas.core.indexes.base\nIndex\n",
    b"cpandas\nRangeIndex\n": b"cpandas.core.indexes.range\nRangeIndex\n",
    b"cnumpy._core.multiarray\n": b"cnumpy.core.multiarray\n",
}


def pickled_as_before(frame):
    """Pickle with the names that older libraries wrote; protocol 3 has them as plain text."""
    data = pickle.dumps(frame, protocol=3)
    for name, former in RENAMED.items():
        data = data.replace(name, former)
    return data
