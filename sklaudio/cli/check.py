"""``sklaudio check DATA``."""

import os

from .._utils.terminal import one_line
from ._command import JOBS, argument, command, seconds
from ._data import LABEL, PATH, ROOT, SEP, SPANS, clips_of, data_argument, obvious
from ._group_hint import hint_at_groups
from ._streams import without_notes_of_decoders
from ._texts.label_predictions import joined


@command(
    data_argument("data", "DATA"),
    PATH,
    LABEL,
    SEP,
    *SPANS,
    ROOT,
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    argument("--min-duration", type=seconds, default=0.1, metavar="S", help="shorter clips are faults (%(default)s)"),
    argument("--no-near", action="store_false", dest="near", help="look for exact duplicates only"),
    JOBS,
)
def check(data, *, as_json, min_duration, near, jobs, **columns):
    """List files that would fail, duplicates, and clipped, silent, short or otherwise odd clips.

    Where names of files look as if several were of one speaker or recording, a line on
    stderr says so: scores are honest if these are on one side of a split.

    Such as:
      sklaudio check recordings/
      sklaudio check meta.csv --path filename --label category
      sklaudio check tags.csv --label tags --sep ';'
      sklaudio check recordings/ --no-near --json > findings.json
    """
    limits = {"min_duration": min_duration, "near": near, "n_jobs": jobs}
    with without_notes_of_decoders():
        findings = _findings(data, limits, columns)
    n_clips = findings.attrs["n_clips"]
    if as_json:
        import json

        print(json.dumps({"n_clips": n_clips, "findings": findings.to_dict("records")}, indent=1))
    else:
        for fault, rows in findings.groupby("fault", sort=False):
            print(f"{fault} ({len(rows)})")
            for path, detail in zip(rows["path"], rows["detail"], strict=True):
                print(one_line(f"  {path}: {detail.removeprefix(f'{path}: ')}"))
        counts = findings["fault"].value_counts()
        listed = ": " + ", ".join(f"{n} {fault}" for fault, n in counts.items()) if len(findings) else ""
        print(f"{len(findings)} findings in {n_clips} clips{listed}")
    return int(len(findings) > 0)


def _findings(data, limits, columns):
    """List what is wrong with the clips of a folder, which may have files of no class, or of a table."""
    from ..check import check_clips, check_folder

    if os.path.isdir(data) and not any(columns.values()):
        findings = check_folder(data, **limits)
        _hint_of_folder(data)
        return findings
    clips = clips_of(data, command="check", needs_label=False, **columns)
    target = clips.target
    if not any(obvious(clips.frame, name) for name in ("group", "fold")):
        hint_at_groups("check", clips.groups.tolist(), None if target is None or target.ndim == 2 else target.tolist())
    if target is not None and target.ndim == 2:  # clips that are alike should have the same labels
        target = [joined(target.columns[row == 1]) for row in target.to_numpy()]
    return check_clips(clips.data.tolist(), target, **limits)


def _hint_of_folder(data):
    """Hint at groups in a folder that has a folder per class."""
    from ..audio._folders import class_folders, existing_folder, normal_extensions, visible_files

    root, extensions = existing_folder(data), normal_extensions(None)
    files = [(file, folder.name) for folder in class_folders(root) for file in visible_files(folder, root)]
    clips = [(file, label) for file, label in files if file.suffix.lower() in extensions]
    hint_at_groups("check", [file.relative_to(root).as_posix() for file, _ in clips], [label for _, label in clips])
