"""``sklaudio cache``."""

import json
import sys
from pathlib import Path

from .._text import one_line
from ._command import WrongUseError, argument, command, folder


@command(
    argument("action", nargs="?", choices=("size", "clear"), default="size", help="what to do (%(default)s)"),
    argument(
        "--memory",
        type=folder,
        action="append",
        metavar="DIR",
        complete="folder",
        help="features that were kept there by memory=DIR or train --memory DIR; may be given several times",
    ),
    argument(
        "--data-home",
        type=folder,
        metavar="DIR",
        complete="folder",
        help="data sets there (SKLAUDIO_DATA or ~/sklaudio_data; with --memory, only if it is given)",
    ),
    argument("--yes", "-y", action="store_true", help="do not ask before deleting"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
)
def cache(action, *, memory, data_home, yes, as_json):
    """Tell how much downloaded data sets and kept features take up, or delete them.

    Deletes only what sklaudio wrote: the files that a download of sklaudio.datasets
    put in place, what killed downloads have left for a day, and frames of sklaudio's
    features. Data sets that were put in place by hand, and files beside others,
    stay. Asks before it deletes, on a terminal; elsewhere it needs --yes.

    Such as:
      sklaudio cache
      sklaudio cache size --memory features/ --json
      sklaudio cache clear --memory features/ --yes
    """
    from .._caches import downloads, feature_caches
    from .._data_home import get_data_home

    kept = [own for place in memory or [] for own in feature_caches(Path(place))]
    if data_home or not memory:
        kept += downloads(get_data_home(data_home))
    if not as_json:
        _print(kept)
    is_clearing = action == "clear" and len(kept) > 0
    if is_clearing and not (yes or _is_wanted(kept)):
        print("sklaudio cache: nothing was deleted", file=sys.stderr)
        return 1
    for own in kept if is_clearing else []:
        own.clear()
    if as_json:
        told = [
            {"kind": own.kind, "path": str(own.path), "n_files": len(own.files), "bytes": own.n_bytes} for own in kept
        ]
        print(json.dumps({"action": action, "bytes": sum(own.n_bytes for own in kept), "folders": told}, indent=1))
    elif is_clearing:
        print("deleted")
    return 0


def _print(kept):
    for own in kept:
        print(one_line(f"{_size(own.n_bytes):>9}  {own.kind}: {own.path} ({len(own.files)} files)"))
    print(f"{_size(sum(own.n_bytes for own in kept)):>9}  in all")


def _is_wanted(kept):
    """Ask whether to delete."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUseError("there is no terminal to ask on; --yes deletes without asking")
    total = _size(sum(own.n_bytes for own in kept)).strip()
    print(f"Delete these {total}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _size(n_bytes):
    if n_bytes < 1000:
        return f"{n_bytes} B"
    power = min(3, (len(str(n_bytes)) - 1) // 3)
    return f"{n_bytes / 1000**power:.1f} {' kMG'[power]}B"
