"""Sets from Debian packages: made here from a small tree of the same form, so that no test needs the packages."""

import gzip
import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
SR = 22050


@pytest.fixture
def module(monkeypatch):
    """Imports a module of the benchmarks."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


@pytest.fixture
def beyond(module):
    return module("lib.beyond")


def write_tone(path, pitch, rng, seconds=0.3):
    path.parent.mkdir(parents=True, exist_ok=True)
    y = np.sin(2 * np.pi * pitch * np.arange(int(seconds * SR)) / SR) + 0.01 * rng.normal(size=int(seconds * SR))
    soundfile.write(path, 0.5 * y, SR)


@pytest.fixture
def drumkits(tmp_path, rng):
    """Folder of an unpacked hydrogen-drumkits of four kits, two of which have a cowbell."""
    packages = tmp_path / "packages"
    kits = packages / "usr/share/hydrogen/data/drumkits"
    for kit in range(4):
        for stroke in range(2):
            write_tone(kits / f"kit {kit}" / f"Kick-{stroke}.wav", 100 + kit, rng)
            write_tone(kits / f"kit {kit}" / f"hh_{stroke}.flac", 5000 + kit, rng)
        write_tone(kits / f"kit {kit}" / "Noise.wav", 800, rng)
    for kit in range(2):
        write_tone(kits / f"kit {kit}" / "Cowbell.wav", 900, rng)
    write_tone(kits / "kit 3" / "kick and snare.wav", 900, rng)
    (kits / "kit 3" / "drumkit.xml").write_text("<drumkit_info/>")
    doc = packages / "usr/share/doc/hydrogen-drumkits"
    doc.mkdir(parents=True)
    with gzip.open(doc / "changelog.Debian.gz", "wt") as file:
        file.write("hydrogen-drumkits (2020.01-1) unstable; urgency=medium\n\n  * New.\n")
    (doc / "copyright").write_text(
        "Format: 1.0\n\nFiles: a/*\nLicense: GPL-2\n\nFiles: b/*\nLicense: CC0\n\nFiles: debian/*\nLicense: MIT\n\n"
        "License: GPL-2\n text\n"
    )
    return packages


@pytest.fixture
def spoken(tmp_path, rng):
    """Folder of an unpacked klettres-data of ten languages with letters a and b, and one with the Cyrillic alphabet."""
    packages = tmp_path / "packages"
    root = packages / "usr/share/klettres"
    for number in range(11):
        language, names = f"l{number}", ["А", "Б"] if number == 10 else ["A", "B", "Ä"]
        letters = [(name, f"{language}/alpha/a-{index}.wav") for index, name in enumerate(names)]
        syllables = [(f"S{index}", f"{language}/syllab/s-{index}.wav") for index in range(20 * (number < 2))]
        for index, (_, file) in enumerate(letters + syllables):
            write_tone(root / file, 200 + 100 * index, rng)
        listed = {"alphabet": [*letters, ("B", "lost.wav")], "syllables": syllables}
        parts = "".join(
            f"<{part}>" + "".join(f'<sound name="{name}" file="{file}"/>' for name, file in sounds) + f"</{part}>"
            for part, sounds in listed.items()
        )
        (root / language / "sounds.xml").write_text(f"<klettres><language>{parts}</language></klettres>")
    return packages


@pytest.mark.parametrize(
    ("stem", "kinds"),
    [
        ("Kick-4", {"kick"}), ("bd_03", {"kick"}), ("bassdrum-4mics-br-stereo-soft2", {"kick"}),
        ("jsnare_03", {"snare"}), ("SnareOffRim-3", {"snare"}), ("SN4_06", {"snare"}), ("sd_02", {"snare"}),
        ("PearlTomFloor-Soft", {"tom"}), ("floortom_01", {"tom"}), ("tomh", {"tom"}), ("TM2_08", {"tom"}),
        ("SabianHatSemiOpen-Med", {"hat"}), ("hhopen_00", {"hat"}), ("Hard_Hse_OHH_1", {"hat"}), ("FX_Chh_01", {"hat"}),
        ("pedalhihat", {"hat"}), ("104227__minorr__hhat-paiste-302-14-open-p", {"hat"}),
        ("CrashRide18Bell-1", {"cymbal"}), ("crash16i__ride_cup4", {"cymbal"}), ("RD2_05", {"cymbal"}),
        ("HandClap", {"clap"}), ("misc_Cowbell", {"cowbell"}),
        ("kick and snare", {"kick", "snare"}),
        ("beats_07-18", set()), ("Djembe3 Slap", set()), ("PaisteBell-Hard", set()), ("emptySample", set()),
        ("CB_02", set()),  # a cymbal in one kit and a cowbell in others
    ],
)  # fmt: skip
def test_the_drum_that_a_file_name_names(beyond, stem, kinds):
    assert beyond.kinds_of_drum(stem) == kinds


def test_drums_by_kit(beyond, drumkits, tmp_path):
    data = beyond.SETS["drums"].load(drumkits, tmp_path)
    assert dict(zip(*np.unique(data.target, return_counts=True), strict=True)) == {"hat": 8, "kick": 8}
    assert all(group == Path(clip).parent.name for group, clip in zip(data.groups, data.clips, strict=True))
    assert data.groups_are == "kit"
    assert data.description == (
        "16 strokes of 2 kinds, 4 kits: hat 8, kick 8; 4 files whose name names no kind and 1 of several are left out, "
        "and cowbell 2 of fewer than 3 kits"
    )


def test_letters_by_language(beyond, spoken, tmp_path):
    data = beyond.SETS["letters"].load(spoken, tmp_path)
    assert dict(zip(*np.unique(data.target, return_counts=True), strict=True)) == {"a": 10, "b": 10}
    assert set(data.groups) == {f"l{number}" for number in range(10)}
    assert "2 letters, 10 languages" in data.description
    assert "11 that the package lists and lacks" in data.description


def test_languages_of_enough_sounds_by_letter_or_syllable(beyond, spoken, tmp_path):
    data = beyond.SETS["languages"].load(spoken, tmp_path)
    assert dict(zip(*np.unique(data.target, return_counts=True), strict=True)) == {"l0": 23, "l1": 23}
    assert len(set(data.groups)) == 23
    for name in set(data.groups):
        assert set(data.target[data.groups == name]) == {"l0", "l1"}


def test_version_and_licences_are_those_of_the_files_of_the_package(beyond, drumkits):
    source = beyond.SETS["drums"]
    assert beyond.about_package(drumkits, source) == "hydrogen-drumkits 2020.01-1; licences: GPL-2, CC0"
    status = drumkits / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text("Package: a\nVersion: 1\n\nPackage: hydrogen-drumkits\nStatus: installed\nVersion: 3-2\n\n")
    assert beyond.about_package(drumkits, source) == "hydrogen-drumkits 3-2; licences: GPL-2, CC0"
    text = beyond.about_package(drumkits, beyond.SETS["soundfont"])
    assert text == "fluid-soundfont-gm (version not known); licences: MIT"


def test_midi_of_a_note(module):
    song = module("lib.soundfont").midi([("violin", 69, 100)])
    assert song.startswith(b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x03\xe8MTrk")  # format 0, 1000 ticks
    track = song[22:]
    assert int.from_bytes(song[18:22], "big") == len(track)
    assert track == bytes.fromhex(
        "00 ff51030f4240"  # a quarter note of a million microseconds
        "00 b07800  00 c028  00 904564  8768 804500"  # 1000 ms = 7 * 128 + 104
        "8374 ff2f00"
    )


FAKE = """#!{python}
import sys
import numpy as np, soundfile
target, sr = sys.argv[sys.argv.index("-F") + 1], int(sys.argv[sys.argv.index("-r") + 1])
steps = np.repeat(np.arange({n_notes}, dtype=np.int16), sr * {step} // 1000)
soundfile.write(target, np.stack([steps, steps], axis=1), sr)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a program with a first line that says how to run it")
def test_each_note_is_cut_from_where_it_sounds(module, tmp_path, monkeypatch):
    soundfont = module("lib.soundfont")
    notes = soundfont.all_notes()[:5]
    program = tmp_path / "bin" / "fluidsynth"
    program.parent.mkdir()
    program.write_text(FAKE.format(python=sys.executable, n_notes=5, step=soundfont.STEP_MS))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    for index, clip in enumerate(soundfont.render(Path("any.sf2"), notes, tmp_path, 16000)):
        samples, sr = soundfile.read(clip, dtype="int16")
        assert (sr, len(samples)) == (16000, 20000)
        assert (samples == index).all()


def test_without_fluidsynth_the_error_says_how_to_get_it(module, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="apt-get install fluidsynth"):
        module("lib.soundfont").render(Path("any.sf2"), [("piano", 60, 100)], tmp_path, SR)


@pytest.mark.skipif(not (SOUND_FONT.exists() and shutil.which("fluidsynth")), reason="no sound font, or no fluidsynth")
def test_a_rendered_note_has_its_pitch(module, tmp_path):
    notes = [("flute", pitch, 100) for pitch in (60, 69, 78)]
    for (_, pitch, _), clip in zip(notes, module("lib.soundfont").render(SOUND_FONT, notes, tmp_path, SR), strict=True):
        samples, _ = soundfile.read(clip)
        spectrum = np.abs(np.fft.rfft(samples.mean(axis=1)[: SR // 2]))
        fundamental = 440 * 2 ** ((pitch - 69) / 12)
        nearest = round(fundamental / 2)  # bins of 2 Hz
        assert spectrum[nearest - 10 : nearest + 11].max() > 5 * np.median(spectrum[: 2 * nearest])


def run(*arguments, folder):
    command = [sys.executable, str(BENCHMARKS / "beyond.py"), "--output", str(folder / "out"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_what_is_absent_is_said_and_the_others_are_run(module, drumkits, tmp_path, capsys):
    arguments = ["--packages", str(drumkits), "--models", "majority", "--folds", "2", "--output", str(tmp_path / "out")]
    assert module("beyond").main(arguments) == 0
    done = capsys.readouterr()
    lines = [line for line in done.err.splitlines() if line.startswith("beyond.py: ")]
    assert [line.split(": ")[1] for line in lines] == ["letters", "languages", "soundfont"]
    assert all("apt-get install" in line and "--packages FOLDER" in line for line in lines)
    assert "package: hydrogen-drumkits 2020.01-1; licences: GPL-2, CC0" in done.out
    assert "best: majority, 0." in done.out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["drums.json"]


def test_nothing_to_run_on_is_an_error(module, tmp_path, capsys):
    assert module("beyond").main(["--packages", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("apt-get install") == 4


def test_an_unknown_model_is_an_error_in_a_line(module, tmp_path, capsys):
    assert module("beyond").main(["--models", "whale", "--output", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("beyond.py: models: there is no 'whale'")
    assert error.count("\n") == 1


@pytest.mark.slow
def test_a_section_for_each_set(drumkits, spoken, tmp_path):
    assert drumkits == spoken
    arguments = ["--models", "majority", "mfcc-logistic", "mfcc-svm", "digits", "--seeds", "0", "1", "--folds", "2"]
    done = run("--packages", drumkits, *arguments, "--results", "results.md", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "results.md").read_text()
    for name, n_clips in (("drums", 16), ("spoken letters", 20), ("languages", 46)):
        assert f"## Beyond the four tasks: {name}, {n_clips} clips\n" in page
    assert "digits + logistic regression against mfcc-logistic: " in page
    assert re.search(r"^mfcc-svm +[01]\.\d{3} ± 0\.\d{3} +– ", page, flags=re.MULTILINE)  # it has no probabilities
    found = json.loads((tmp_path / "out" / "drums.json").read_text())["results"]
    assert set(found) == {"majority", "mfcc-logistic", "mfcc-svm", "digits"}
    assert all(len(row["accuracy"]) == 4 for row in found.values())
    assert np.mean(found["mfcc-logistic"]["accuracy"]) == 1  # a kick of 100 Hz, a hat of 5 kHz
    assert np.mean(found["majority"]["accuracy"]) <= 0.75


@pytest.mark.slow
def test_what_does_not_fit_into_the_budget_is_said(drumkits, tmp_path):
    arguments = ["--sets", "drums", "--models", "majority", "crnn", "--folds", "2", "--budget", "0.01"]
    done = run("--packages", drumkits, *arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "crnn: not fitted: the budget of 0.01 s was spent" in done.stdout
