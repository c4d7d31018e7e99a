"""Pages of HTML that hold all that they need: their templates, and what their policy lets them run."""

import base64
import hashlib
from functools import cache


@cache  # with the templates that it has compiled
def templates(folder):
    """Return the jinja environment of a folder: what is put in is escaped, and what is missing is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy_hash(text):
    """Name a style or script in a content security policy: only what has this hash is used."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
