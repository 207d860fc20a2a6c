"""What the name of a column says about whole numbers and strings that could be anything."""

import re

__all__ = ["code_hint", "is_key_name"]

KEYS = frozenset({"id", "ids", "uuid", "guid", "key", "rowid"})
KEY_ENDINGS = KEYS | {"no", "nr", "number", "code", "ref", "reference", "account", "policy"}
HINTS = {
    "label": "postcode postal zip zipcode plz sic naics",
    "count": """
        n nb num number count counts qty quantity age ages year years months weeks days hours
        minutes visits claims children dependents persons people items units times
    """,
    "rank": "grade level rating rank score stage satisfaction priority education",
    "code": """
        id code type status sex gender region zone area state marriage marital class category
        group segment kind cluster branch plan product channel purpose
    """,
}
WORD = re.compile(r"ID(?=[a-z]|$)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_key_name(name: str, *, unique: bool) -> bool:
    """Say whether a column is named like a key.

    Args:
        name: Name of the column, in snake case, camel case or words.
        unique: Whether its values are unique; then weaker hints such as "policy" suffice.

    Example:
        >>> is_key_name("customerID", unique=False), is_key_name("paid", unique=True)
        (True, False)
    """
    words = _words(name)
    return bool(KEYS & set(words)) or (unique and bool(words) and words[-1] in KEY_ENDINGS)


def code_hint(name: str) -> str:
    """Say what a few whole numbers under this name are.

    Args:
        name: Name of the column.

    Returns:
        "label" (however many), "count", "rank", "code", or "" if the name does not say.

    Example:
        >>> code_hint("ClaimNb"), code_hint("marital_status"), code_hint("x")
        ('count', 'code', '')
    """
    words = set(_words(name))
    return next((hint for hint, hinting in HINTS.items() if words & set(hinting.split())), "")


def _words(name: str) -> list[str]:
    return [word.lower() for word in WORD.findall(name)]
