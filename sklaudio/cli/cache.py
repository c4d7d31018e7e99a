"""``sklaudio cache``."""

import json
import sys
from pathlib import Path

from .._utils.terminal import one_line
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
    """Show how much downloaded data sets and kept features take up, or delete them.

    Deletes only what sklaudio wrote: the files that a download of sklaudio.datasets
    put in place, what killed downloads have left for a day, and frames of sklaudio's
    features. Data sets that were put in place by hand, and files beside others,
    stay. Asks before it deletes, on a terminal; elsewhere it needs --yes.

    Such as:
      sklaudio cache
      sklaudio cache size --memory features/ --json
      sklaudio cache clear --memory features/ --yes
    """
    from .._utils.data_home import get_data_home
    from ._disk_usage import downloads, feature_caches

    kept = [item for place in memory or [] for item in feature_caches(Path(place))]
    if data_home or not memory:
        kept += downloads(get_data_home(data_home))
    if not as_json:
        _print(kept)
    is_clearing = action == "clear" and len(kept) > 0
    if is_clearing and not (yes or _is_wanted(kept)):
        print("sklaudio cache: nothing was deleted", file=sys.stderr)
        return 1
    for item in kept if is_clearing else []:
        item.clear()
    if as_json:
        folders_as_json = [
            {"kind": item.kind, "path": str(item.path), "n_files": len(item.files), "bytes": item.n_bytes}
            for item in kept
        ]
        n_bytes = sum(item.n_bytes for item in kept)
        print(json.dumps({"action": action, "bytes": n_bytes, "folders": folders_as_json}, indent=1))
    elif is_clearing:
        print("deleted")
    return 0


def _print(kept):
    for item in kept:
        print(one_line(f"{_size(item.n_bytes):>9}  {item.kind}: {item.path} ({len(item.files)} files)"))
    print(f"{_size(sum(item.n_bytes for item in kept)):>9}  in all")


def _is_wanted(kept):
    """Ask whether to delete."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUseError("there is no terminal to ask on; --yes deletes without asking")
    total = _size(sum(item.n_bytes for item in kept)).strip()
    print(f"Delete these {total}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _size(n_bytes):
    if n_bytes < 1000:
        return f"{n_bytes} B"
    power = min(3, (len(str(n_bytes)) - 1) // 3)
    return f"{n_bytes / 1000**power:.1f} {' kMG'[power]}B"
