"""Sections of the results: a run replaces those that it measured and keeps all others."""

import re

_HEADING = re.compile(r"^(?=#{2,3} )", re.MULTILINE)


def sections(text):
    """Part a page at its headings: heading -> text; what stands before the first is under ''."""
    first, *rest = _HEADING.split(text)
    return {"": first} | {part.splitlines()[0]: part for part in rest}


def merge(page, measured, *, when):
    """Put measured sections into a page, with the circumstances below each heading.

    A section takes the place of the one of its heading; new ones stand behind the last that was
    replaced before them, or at the end.
    """
    parts = list(sections(page).items())
    place = len(parts)
    for heading, text in sections(measured).items():
        if not heading:
            continue
        dated = text.replace(heading, f"{heading}\n\nMeasured {when}.", 1).rstrip() + "\n\n"
        known = [i for i, (name, _) in enumerate(parts) if name == heading]
        if known:
            place = known[0]
            parts[place] = (heading, dated)
        else:
            parts.insert(place, (heading, dated))
        place += 1
    return "".join(text for _, text in parts).rstrip() + "\n"
