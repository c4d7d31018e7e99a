"""The line that says that files may be of the same speakers or recordings, and when there is none."""

import re

import pytest

from sklaudio.cli import main
from sklaudio.cli._group_hint import shared_beginnings
from sklaudio.datasets import load_folder

from ..tones import PITCHES, write_tone

SPEAKERS = [
    f"{word}/{name}_{number:02d}.wav" for word in ("go", "stop") for name in ("anna", "ben") for number in (1, 2)
]


def found(names):
    """Beginnings that are found in paths whose first folder is the class, and whether the pattern finds them too."""
    result = shared_beginnings(names, [name.split("/")[0] for name in names])
    if result is None:
        return None
    pattern, beginnings, n_files = result
    begun = [name for name in names if name.split("/")[-1].startswith(tuple(beginnings))]
    assert len(begun) == n_files
    assert {re.search(pattern, name).group(1) for name in begun} == {one[:-1] for one in beginnings}
    assert all(re.search(pattern, name) for name in names)  # --group-by takes all files or none
    return sorted(beginnings)


@pytest.mark.parametrize(
    ("names", "beginnings"),
    [
        (SPEAKERS, ["anna_", "ben_"]),
        (["go/anna_01.wav", "go/anna_02.wav", "go/ben_01.wav"], ["anna_"]),
        ([name.replace("_", "-") for name in SPEAKERS], ["anna-", "ben-"]),
        ([name.replace("_", "-take_") for name in SPEAKERS], ["anna-take_", "ben-take_"]),
        (
            [f"{word}/{s:08x}_nohash_0.wav" for word in ("yes", "no") for s in (7, 8, 9)],
            [f"0000000{s}_" for s in (7, 8, 9)],
        ),
        ([f"{mood}/{actor}_DFA_{mood}.wav" for mood in ("ANG", "SAD") for actor in (1001, 1002)], ["1001_", "1002_"]),
        ([f"dog/{source}-3-0-{k}.wav" for source in (100032, 100263) for k in range(3)], ["100032-", "100263-"]),
        ([*SPEAKERS, "go/x.wav", "stop/deep/carl_1.wav"], ["anna_", "ben_"]),
        (["a/anna_1.wav", "a/ben_1.wav", "b/anna_2.wav"], ["anna_"]),
        (["one two/a_b/anna_1.wav", "one two/a_b/anna_2.wav", "one two/ben_1.wav"], ["anna_"]),
    ],
    ids="names few dashes both speech-commands crema urbansound others across folders".split(),
)
def test_beginnings_that_files_share_are_found(names, beginnings):
    assert found(names) == beginnings


@pytest.mark.parametrize(
    "names",
    [
        [f"{label}/{k:04d}.wav" for label in "ab" for k in range(5)],
        [f"{label}/clip_{k}.wav" for label in "ab" for k in range(5)],
        [f"{label}/site_{k}.wav" for label in "ab" for k in range(5)],
        [f"{label}/{label}.{k:05d}.wav" for label in ("blues", "rock") for k in range(5)],
        [f"{label}/{label}_{k}.wav" for label in ("blues", "rock") for k in range(5)],
        [f"{digit}/{digit}_{name}_{k}.wav" for digit in range(3) for name in ("jackson", "theo") for k in range(2)],
        [f"{label}s/{label}_{k}.wav" for label in ("dog", "cat") for k in range(5)],
        [f"{label}/{name}_1.wav" for label in "ab" for name in ("anna", "ben") if (label, name) != ("b", "ben")][:2],
        [f"a/{name}_1.wav" for name in ("anna", "ben", "carl", "dora")],
        [f"{label}/{part}_{k}.wav" for label in "ab" for part in ("train", "test") for k in range(5)],
        [*(f"a/song_{k}.wav" for k in range(20)), "a/intro_1.wav", "a/intro_2.wav"],
        [*(f"a/{k}.wav" for k in range(20)), "a/anna_1.wav", "a/anna_2.wav", "a/ben_1.wav"],
        ["a/_1.wav", "a/_2.wav", "a/-1.wav"],
        ["a/0.wav"],
    ],
    ids="numbers clip one dots class class-first singular single each parts nearly-all few empty one-file".split(),
)
def test_other_names_are_no_groups(names):
    assert found(names) is None


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files of two speakers in two classes, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in SPEAKERS:
        write_tone(tmp_path / "in" / name, PITCHES["high" if name.startswith("go") else "low"], 0.3)
    return tmp_path


HINT = (
    "8 of 8 files have names that begin as others do, such as anna_… (2 beginnings). If these are speakers or "
    "recordings, keep the clips of each on one side of a split, or scores are too good: "
)
BY = r"--group-by '([^/_]+)[^/]*$'"


def hints(capsys):
    return [line for line in capsys.readouterr().err.splitlines() if "begin as others do" in line]


def test_train_hints_at_groups_with_what_to_type(folder, capsys):
    command = ["train", "in", "-o", "m.skops", "--model", "dense", "--epochs", "1", "--validate", "2"]
    assert main(command) == 0
    assert hints(capsys) == [f"sklaudio train: {HINT}{BY}"]
    assert main([*command, "--group-by", BY.split("'")[1]]) == 0
    out, err = capsys.readouterr()
    assert "begin as others do" not in err
    assert "in 2 groups" in out
    assert main([*command[:-1], "0"]) == 0  # nothing is held out
    assert hints(capsys) == []


def test_compare_and_check_hint_as_well(folder, capsys):
    assert main(["compare", "in", "--models", "majority", "--folds", "2"]) == 0
    assert hints(capsys) == [f"sklaudio compare: {HINT}{BY}"]
    assert main(["check", "in", "--no-near"]) == 1
    assert hints(capsys) == [f"sklaudio check: {HINT}sklaudio train and compare take {BY}"]


def test_tables_are_looked_at_unless_they_have_groups_or_folds(folder, capsys):
    rows = [
        (f"in/{name}", name.split("/")[0], name.split("/")[1][:3], index % 2) for index, name in enumerate(SPEAKERS)
    ]

    def hinted(command, *columns):
        lines = [",".join(("path", "label", "speaker", "fold")[c] for c in columns)]
        lines += [",".join(str(row[c]) for c in columns) for row in rows]
        (folder / "t.csv").write_text("\n".join(lines))
        options = ["--models", "majority"] if command == "compare" else ["--no-near"]
        main([command, "t.csv", *options, *(["--folds", "2"] if command == "compare" and 3 not in columns else [])])
        return hints(capsys)

    for command in ("compare", "check"):
        (line,) = hinted(command, 0, 1)
        assert line.endswith(BY)
        assert hinted(command, 0, 1, 2) == []
        assert hinted(command, 0, 1, 3) == []


def test_the_groups_are_those_of_the_pattern(folder):
    pattern, _, _ = shared_beginnings(load_folder("in").groups.tolist(), load_folder("in").target.tolist())
    assert set(load_folder("in", groups=pattern).groups) == {"anna", "ben"}
