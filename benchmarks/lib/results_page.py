"""The page of results: sections of figures, in groups by task."""

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

GROUPS = {  # in the order of the page
    "recipe": "The recipe",
    "words": "Words",
    "digits": "Digits",
    "genres": "Genres",
    "instruments": "Notes of instruments",
    "tags": "Several labels",
    "events": "Events",
    "numbers": "Numbers",
    "noise": "Noise",
    "beyond": "Sounds that no default was chosen on",
    "speed": "Speed",
    "size": "Size",
    "other": "Other recordings",
}


@dataclass
class Group:
    """The sections about one task, by title, and the text that introduces them."""

    introduction: str = ""
    sections: dict = field(default_factory=dict)


def write_section(path, group, title, about, text):
    """Put a section of figures into a page of results, in place of the one of the same title.

    Parameters
    ----------
    path : Path
        The page, in Markdown; made if it is not there.
    group : str
        A key of GROUPS.
    title : str
        Heading of the section.
    about : dict
        What the figures are of and depend on.
    text : str
        The table.
    """
    head, groups = read_page(path.read_text(encoding="utf-8")) if path.exists() else ("# Results", {})
    for other in groups.values():
        other.sections.pop(title, None)
    sections = groups.setdefault(GROUPS[group], Group()).sections
    facts = "\n".join(f"- {name}: {_fact(value)}" for name, value in (about | {"measured": _today()}).items())
    sections[title] = f"{facts}\n\n```\n{text}\n```"
    part = Path(f"{path}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(page(head, groups), encoding="utf-8")
    os.replace(part, path)


def read_page(text):
    """Split a page into what is above its groups, and a Group for each heading."""
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    groups = {}
    for part in parts:
        name, _, content = part.partition("\n")
        introduction, *sections = re.split(r"^### ", content, flags=re.MULTILINE)
        pairs = (section.partition("\n")[::2] for section in sections)
        groups[name] = Group(introduction.strip(), {title: body.strip() for title, body in pairs})
    return head.strip(), groups


def page(head, groups):
    """Join what `read_page` returns; sections are sorted by title, groups as in GROUPS."""
    ordered = {name: groups[name] for name in GROUPS.values() if name in groups}
    parts = [head]
    for name, group in (ordered | groups).items():
        parts += [f"## {name}", group.introduction]
        parts += [f"### {title}\n\n{body}" for title, body in sorted(group.sections.items())]
    return "\n\n".join(part for part in parts if part) + "\n"


def _fact(value):
    return ", ".join(f"{name} {item}" for name, item in value.items()) if isinstance(value, dict) else value


def commit():
    """Return the commit of the code, with "-dirty" where more is changed than docs and weights; None without git."""
    here = {"cwd": Path(__file__).parents[2], "capture_output": True, "text": True, "check": True}
    code = [".", ":(exclude)docs", ":(exclude)weights"]
    try:
        name = subprocess.run(["git", "rev-parse", "--short", "HEAD"], **here).stdout.strip()
        changed = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no", "--", *code], **here).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{name}-dirty" if changed else name


def _today():
    """Return the date, and the commit of the code."""
    now = commit()
    return time.strftime("%Y-%m-%d") + (f", commit {now}" if now else "")
