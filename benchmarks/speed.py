"""How fast: features, training, searches and prediction, each against its peers, side by side in one run.

    python benchmarks/speed.py                             # on synthetic music
    python benchmarks/speed.py --data-home FOLDER          # on the tracks in FOLDER/genres/<genre>/
    python benchmarks/speed.py --only mfcc predict

A ratio above 1 says that ours is faster. "CPU" is the time of all threads of the process, with all libraries on one
thread; "wall" is what a clock shows, on all cores. Peers that are not installed have no row. "Of peak" is the additions
and multiplications that were counted, as a fraction of those that a product of matrices in float32 was seen to do in
the same time, on as many cores. GPUs: benchmarks/gpu.py; memory: benchmarks/memory.py.
"""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from lib.evaluation import versions
from lib.presentation import Printer, save_json, table
from lib.results_page import write_section
from lib.speed_features import files, genre, log_mel, many_clips, mfcc
from lib.speed_models import in_folder, nested, predict, search
from lib.speed_peers import SR
from lib.speed_training import cnn_epoch, labels_epoch, lstm_epoch
from lib.speed_waits import first_prediction, jobs, two_threads, unequal
from lib.timing import peak_of_a_core

from sklaudio import load_audio
from sklaudio.datasets import fetch_gtzan, make_genres

COMPARISONS = {
    "mfcc": lambda clips, arguments: mfcc(clips, arguments),
    "mel": lambda clips, arguments: log_mel(clips, arguments),
    "genre": lambda clips, arguments: genre(clips, arguments),
    "files": lambda clips, arguments: in_folder(files, clips, arguments),
    "lstm": lambda clips, arguments: lstm_epoch(arguments),
    "cnn": lambda clips, arguments: cnn_epoch(arguments),
    "labels": lambda clips, arguments: labels_epoch(arguments),
    "search": lambda clips, arguments: in_folder(search, clips, arguments),
    "nested": lambda clips, arguments: in_folder(nested, clips, arguments),
    "predict": lambda clips, arguments: in_folder(predict, clips, arguments),
    "first": lambda clips, arguments: in_folder(first_prediction, clips, arguments),
    "jobs": lambda clips, arguments: in_folder(jobs, clips, arguments),
    "unequal": lambda clips, arguments: unequal(arguments),
    "threads": lambda clips, arguments: two_threads(arguments),
    "many": lambda clips, arguments: in_folder(many_clips, clips, arguments),
}


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="where GTZAN is; synthetic music else")
    parser.add_argument("--only", nargs="+", choices=list(COMPARISONS), default=list(COMPARISONS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clips", type=int, default=20, help="clips of 3 s in a call")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--job-files", type=int, default=10_000, help="files that n_jobs of all cores shares")
    parser.add_argument("--unequal-clips", type=int, default=500, help="clips of 1 to 60 s")
    parser.add_argument("--training-clips", type=int, default=2000)
    parser.add_argument("--search-epochs", type=int, default=30, help="of each of the 16 fits of a search")
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "speed")
    return parser.parse_args(argv)


def load(arguments):
    """Load clips of 3 s, and what they are."""
    if arguments.data_home is None:
        data = make_genres(max(10, arguments.clips), random_state=0)
        clips = [np.resize(y, 3 * SR).astype(np.float32) for y in data.data[: arguments.clips]]
        return clips, "[synthetic] make_genres", "[synthetic] "
    paths = fetch_gtzan(arguments.data_home, download_if_missing=False).data
    paths = np.resize(paths, arguments.clips)
    return [load_audio(path, SR, duration=3.0)[0] for path in paths], "GTZAN", ""


def milliseconds(seconds):
    """Format milliseconds with three digits that count."""
    return f"{1000 * seconds:.3g} ms"


def rows_of(row, peak):
    """Format lines of the table: one for each peer."""
    of_peak = f"{row.fraction_of(peak):.1%}" if row.flop else ""
    lines = [
        [row.what, row.clock, milliseconds(row.ours), of_peak, name, milliseconds(row.peers[name]), f"{ratio:.2f}x"]
        for name, ratio in row.ratios.items()
    ]
    name, seconds = row.floor
    if name:
        floor = f"{row.ours / seconds:.2f}x the floor"
        lines.append([row.what, row.clock, milliseconds(row.ours), of_peak, name, milliseconds(seconds), floor])
    return [[*line, row.target] for line in lines]


def more_about(row):
    """Format lines below the table: where the time goes, and what else was counted."""
    parts = [f"{name} {milliseconds(seconds)}" for name, seconds in row.profile.items()]
    parts += [f"{name}: {value}" for name, value in row.notes.items()]
    name, floor = row.floor
    for peer, seconds in row.peers.items() if name else ():
        parts.append(f"at most {seconds / floor:.1f}x {peer} is possible with the {name}")
    parts += [f"{name}: {'yes' if holds else 'NO'}" for name, holds in row.agrees.items()]
    return f"{row.what}: {'; '.join(parts)}"


def main(argv=None):
    """Run the comparisons; the exit status is 1 where results do not agree."""
    arguments, start = parse(argv), time.perf_counter()
    try:
        clips, data, label = load(arguments)
    except (OSError, ValueError) as error:
        print(f"speed.py: {error}", file=sys.stderr)
        return 1
    say, peak = Printer(label), peak_of_a_core()
    about = {
        "data": f"{data}, {len(clips)} clips of 3 s",
        "repeats": arguments.repeats,
        "peak of a core": f"{peak / 1e9:.0f} GFLOP/s, product of matrices in float32",
        "versions": versions(),
        "command": " ".join(["python benchmarks/speed.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    rows = []
    for name in arguments.only:
        row = COMPARISONS[name](clips, arguments)
        rows.append(row)
        say(f"\n{more_about(row)}")
    header = ["what", "clock", "ours", "of peak", "peer", "peer's", "ratio", "target"]
    text = table(header, [line for row in rows for line in rows_of(row, max(peak, peak_of_a_core()))])
    text += "\n\n" + "\n".join(more_about(row) for row in rows)
    say(f"\n{text}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    save_json(arguments.output / "speed.json", **about, rows=[asdict(row) | {"ratios": row.ratios} for row in rows])
    if arguments.results is not None:
        about["seconds"] = round(time.perf_counter() - start)
        some = "" if len(arguments.only) == len(COMPARISONS) else f": {', '.join(arguments.only)}"
        write_section(arguments.results, "speed", f"Speed, {data}{some}", about, text)
    return 0 if all(all(row.agrees.values()) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
