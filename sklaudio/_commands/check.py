"""``sklaudio check FOLDER``."""

from .._text import one_line
from ._command import CLASS_FOLDERS, JOBS, argument, command, seconds
from ._output import without_notes_of_decoders


@command(
    CLASS_FOLDERS,
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    argument("--min-duration", type=seconds, default=0.1, metavar="S", help="shorter clips are faults (%(default)s)"),
    argument("--no-near", action="store_false", dest="near", help="look for exact duplicates only"),
    JOBS,
)
def check(folder, *, as_json, min_duration, near, jobs):
    """List files that would fail, duplicates, and clipped, silent, short or otherwise odd clips.

    Such as:
      sklaudio check recordings/
      sklaudio check recordings/ --no-near --json > findings.json
    """
    from ..check import check_folder

    with without_notes_of_decoders():
        findings = check_folder(folder, min_duration=min_duration, near=near, n_jobs=jobs)
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
