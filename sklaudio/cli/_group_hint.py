"""A line on stderr where names of files look as if several were of one speaker, and no groups are given."""

import os
import shlex
import sys
from collections import Counter, defaultdict

from .._utils.terminal import one_line
from ._tasks import CLASS

SEPARATORS = ("_", "-")
PATTERN = "([^/{}]+)[^/]*$"  # what a file name begins with, up to a separator
MAX_OF_ALL = 0.8  # of the files with the most frequent beginning: where nearly all have it, it is of all of them
NO_GROUPS = {  # words that files are numbered behind, and parts of data sets
    *"audio clip file rec record recording sample segment sound take track wav".split(),
    *"dev eval test train training val valid validation".split(),
}


def hint_for(command, clips, columns, group_by):
    """Call :func:`hint_at_groups` for clips of :func:`~._data.clips_of`, unless they have groups or folds."""
    has_groups = group_by is not None or clips.get("columns", columns).get("group") is not None
    if not has_groups and not clips.splits:
        is_one_class = clips.task == CLASS
        hint_at_groups(command, clips.groups.tolist(), clips.target.tolist() if is_one_class else None)


def hint_at_groups(command, names, classes=None):
    """Say on stderr that files may be of the same speakers or recordings, where their names look so.

    Parameters
    ----------
    command : str
        Name of the command.
    names : sequence of str
        Paths below the folder, or as the table has them, which --group-by is searched in.
    classes : sequence of str or None, default=None
        The class of each, if each has one: what names the class names no speaker.
    """
    found = shared_beginnings(names, classes)
    if found is None:
        return
    pattern, beginnings, n_files = found
    where = "sklaudio train and compare take " if command == "check" else ""
    text = (
        f"{n_files} of {len(set(names))} files have names that begin as others do, such as {beginnings[0]}… "
        f"({len(beginnings)} beginnings). If these are speakers or recordings, keep the clips of each on one side of "
        f"a split, or scores are too good: {where}--group-by {shlex.quote(pattern)}"
    )
    print(one_line(f"sklaudio {command}: {text}"), file=sys.stderr, flush=True)


def shared_beginnings(names, classes=None):
    """Find beginnings that most file names share with others.

    Parameters
    ----------
    names, classes
        As in :func:`hint_at_groups`.

    Returns None where most files have none, nearly all have the same, or they say no more than the class.

    Returns
    -------
    pattern : str
        What finds them, for --group-by.
    beginnings : list of str
        Those that several files have, the most frequent first, with the separator.
    n_files : int
        How many files have one of them.
    """
    class_of = dict(zip(names, [""] * len(names) if classes is None else map(str, classes), strict=True))
    for separator in SEPARATORS:
        counts = _counted(class_of, separator)
        if sum(counts.values()) > len(class_of) / 2 and max(counts.values()) <= MAX_OF_ALL * len(class_of):
            beginnings = [beginning + separator for beginning, _ in counts.most_common()]
            return PATTERN.format(separator), beginnings, sum(counts.values())
    return None


def _counted(class_of, separator):
    """Count the files of each beginning that several have: Counter, of those that are no class, nor stand for one."""
    known, in_class = {label.casefold() for label in class_of.values()}, defaultdict(set)
    beginnings = {}
    for name, label in class_of.items():
        beginning, is_there, _ = os.path.splitext(os.path.basename(name))[0].partition(separator)
        if beginning and is_there and beginning.casefold() not in known | NO_GROUPS:
            beginnings[name] = beginning
            in_class[label].add(beginning)
    beside_others = set().union(*(found for found in in_class.values() if len(found) > 1))
    counts = Counter(beginning for beginning in beginnings.values() if beginning in beside_others)
    return Counter({beginning: n_files for beginning, n_files in counts.items() if n_files > 1})
