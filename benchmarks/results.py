"""Measure the sections of the page of results again, each by the command that stands in it, at one commit.

    python benchmarks/results.py --list              # the sections, and which are of another commit than this one
    python benchmarks/results.py                     # measure these again, one after the other
    python benchmarks/results.py --only words noise  # those that have one of these words in their titles

Sections of this commit are left as they are: called again after an interruption, it goes on. Commands run at the top of
the repository; nothing in it but docs and weights may be changed since the commit.
"""

import argparse
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lib.results_page import commit, read_page

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path("docs/results.md")


@dataclass(frozen=True)
class Section:
    """A section of the page: its title, the command that wrote it, and what it says of when."""

    title: str
    command: str
    measured: str


def sections_of(text):
    """List the sections of a page."""
    _, groups = read_page(text)
    bodies = {title: body for group in groups.values() for title, body in group.sections.items()}
    return [Section(title, fact(body, "command"), fact(body, "measured")) for title, body in bodies.items()]


def fact(body, name):
    """Return what a section says of something above its table."""
    return re.search(rf"^- {name}: (.*)$", body, flags=re.MULTILINE)[1]


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD", help="in the title of a section")
    parser.add_argument("--list", action="store_true", help="list the sections, and run nothing")
    parser.add_argument("--page", type=Path, default=ROOT / PAGE, help="(%(default)s)")
    return parser.parse_args(argv)


def measure(section, page):
    """Run the command of a section; return whether it wrote the section anew."""
    program, *arguments = shlex.split(section.command)
    if program != "python" or "--results" not in arguments:
        print(f"{section.title}: its command writes no section: {section.command}", file=sys.stderr)
        return False
    page = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page  # as it shall stand in the section
    arguments[1 + arguments.index("--results")] = str(page)
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False)
    return done.returncode == 0


def main(argv=None):
    """Return the exit status: 1 where a command failed."""
    arguments, now = parse(argv), commit()
    if not arguments.list and (now is None or now.endswith("-dirty")):
        print("results.py: commit what is changed first: figures are of a commit.", file=sys.stderr)
        return 1
    asked = [
        section
        for section in sections_of(arguments.page.read_text(encoding="utf-8"))
        if any(word.lower() in section.title.lower() for word in arguments.only)
    ]
    failed = []
    for section in asked:
        is_new = section.measured.endswith(f"commit {now}")
        print(f"{section.title}: {section.measured}{'' if is_new else ', to be measured'}", flush=True)
        if not (is_new or arguments.list or measure(section, arguments.page)):
            failed.append(section.title)
    if failed:
        print(f"results.py: failed: {'; '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
