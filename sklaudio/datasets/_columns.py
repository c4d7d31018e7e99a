"""Texts that are made of several columns of a table."""

import string

from .._utils.columns import filled
from .._utils.terminal import shortened


def from_pattern(frame, pattern, parameter):
    """List the texts that a pattern of columns makes, such as ``"fold{fold}/{name}"``: a str per row."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise ValueError(f"{parameter}={shortened(pattern)} is no pattern of columns: {error}.") from error
    values = [filled(frame, name, parameter).tolist() for _, name, _, _ in parts if name is not None]
    by_place = "".join(
        literal.replace("{", "{{").replace("}", "}}") + ("" if name is None else f"{{:{spec}}}")
        for literal, name, spec, _ in parts
    )
    if not values:
        raise ValueError(f"{parameter}={shortened(pattern)} names no column. Write one in braces.")
    try:
        return [by_place.format(*row) for row in zip(*values, strict=True)]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{parameter}={shortened(pattern)} does not fit its columns: {error}.") from error
