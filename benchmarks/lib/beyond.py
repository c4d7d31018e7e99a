"""Sets of sounds from Debian packages, of kinds that no default was chosen on."""

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from .soundfont import PITCHES, PROGRAMS, VELOCITIES, all_notes, render
from .tasks import Data

AUDIO = {".wav", ".flac", ".ogg", ".aif", ".aiff"}
DRUMS = {  # of a file name in small letters, with a space for all that is no letter; short names as whole words alone
    "kick": r"kick|bass ?drum|\bbd\b",
    "snare": r"snare|\bs[dn]\b",
    "tom": r"tom\b|\btom|\b(tm|ft)\b",
    "hat": r"hat\b|\bhh|\b[co]hh\b",
    "cymbal": r"crash|splash|china|cymbal|\b(ride|rd)\b",
    "clap": r"clap",
    "cowbell": r"cowbell",
}
MIN_KITS = 3
MIN_LANGUAGES = 10
MIN_SOUNDS, MAX_SOUNDS = 20, 60  # of a language
LATIN = set("abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True)
class Source:
    """A set: the package that it is made from, where that has it, and the function that makes it.

    `make` takes that path, a folder for what it renders, and `sr`, the sampling rate of all models but encoders.
    `licence` is for a package whose file has it in words only.
    """

    package: str
    path: str
    sr: int
    make: Callable
    licence: str = "see its copyright file"

    def load(self, packages, folder):
        """Make the set from the packages under a folder: Data."""
        root = packages / self.path
        if not root.exists():
            raise FileNotFoundError(
                f"{self.package} is not in {packages}: there is no {root}. apt-get install {self.package}; or "
                f"apt-get download {self.package}, dpkg-deb -x {self.package}_*.deb FOLDER, and --packages FOLDER."
            )
        return self.make(root, folder, self.sr)


def drums(root, _folder, _sr):
    """List kinds of drum by file name, of kits that no fold divides."""
    files = sorted(path for path in root.glob("*/*") if path.suffix.lower() in AUDIO)
    kinds = [kinds_of_drum(path.stem) for path in files]
    n_without, n_several = sum(not found for found in kinds), sum(len(found) > 1 for found in kinds)
    rows = [(path, *found, path.parent.name) for path, found in zip(files, kinds, strict=True) if len(found) == 1]
    kept, dropped = _with_groups(rows, MIN_KITS)
    left_out = f"{n_without} files whose name names no kind and {n_several} of several are left out"
    if dropped:
        left_out += f", and {_listed(dropped)} of fewer than {MIN_KITS} kits"
    return _data("drums", kept, "kit", "strokes of {n_classes} kinds, {n_groups} kits: {counts}; " + left_out)


def kinds_of_drum(stem):
    """Return the kinds that a file name names: set of str."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+", " ", stem).lower()
    return {kind for kind, pattern in DRUMS.items() if re.search(pattern, words)}


def letters(root, _folder, _sr):
    """List letters of the Latin alphabet, of languages, which no fold divides."""
    rows, n_missing = [], 0
    for language, name, path, is_letter in _sounds(root):
        if is_letter and name in LATIN:
            n_missing += not path.exists()
            rows += [(path, name, language)] if path.exists() else []
    kept, dropped = _with_groups(rows, MIN_LANGUAGES)
    left_out = f"{n_missing} that the package lists and lacks are left out"
    if dropped:
        left_out += f", and {_listed(dropped)} of fewer than {MIN_LANGUAGES} languages"
    about = "names of {n_classes} letters, {n_groups} languages of a voice each; " + left_out
    return _data("spoken letters", kept, "language", about)


def languages(root, _folder, _sr):
    """List languages, of letters and syllables, which no fold divides: a voice each, so that voices will do."""
    found = defaultdict(dict)
    for language, name, path, _ in _sounds(root):
        if path.exists():
            found[language].setdefault(path, name)
    rows = []
    for language, names in found.items():
        sounds = sorted(names.items())
        chosen = sounds[:: -(-len(sounds) // MAX_SOUNDS)]
        rows += [(path, language, name) for path, name in chosen] if len(sounds) >= MIN_SOUNDS else []
    about = "letters and syllables of {n_classes} languages of a voice each, {n_groups} different ones: {counts}"
    return _data("languages", rows, "letter or syllable", about)


def _sounds(root):
    """List letters and syllables of the package: (language, name in small letters, path, whether it is a letter)."""
    for listing in sorted(root.glob("*/sounds.xml")):
        for part in ElementTree.parse(listing).iter():
            if part.tag in ("alphabet", "syllables"):
                for sound in part.iter("sound"):
                    path = root / sound.get("file")
                    yield listing.parent.name, sound.get("name").lower(), path, part.tag == "alphabet"


def soundfont(root, folder, sr):
    """List instruments, of notes at pitches, which no fold divides."""
    notes = all_notes()
    files = render(root, notes, folder, sr)
    rows = [(path, name, f"{pitch}") for path, (name, pitch, _) in zip(files, notes, strict=True)]
    about = (
        f"notes of {len(PROGRAMS)} programs of General MIDI, {len(PITCHES)} pitches, {len(VELOCITIES)} velocities; the "
        "sound font plays neighbouring pitches from one recording at two speeds"
    )
    return _data("notes of a sound font", rows, "pitch", about)


SETS = {
    "drums": Source("hydrogen-drumkits", "usr/share/hydrogen/data/drumkits", 22050, drums),
    "letters": Source("klettres-data", "usr/share/klettres", 16000, letters),
    "languages": Source("klettres-data", "usr/share/klettres", 16000, languages),
    "soundfont": Source("fluid-soundfont-gm", "usr/share/sounds/sf2/FluidR3_GM.sf2", 22050, soundfont, "MIT"),
}


def _with_groups(rows, least):
    """Return the rows of classes that have clips of so many groups, and the number of clips of each other class."""
    groups = defaultdict(set)
    for _, label, group in rows:
        groups[label].add(group)
    dropped = Counter(label for _, label, _ in rows if len(groups[label]) < least)
    return [row for row in rows if row[1] not in dropped], dropped


def _listed(counts):
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{label} {count}" for label, count in ordered)


def _data(name, rows, groups_are, description):
    if not rows:
        raise ValueError(f"no clips of {name} are there: {description.split('; ')[-1]}.")
    clips, target, groups = (list(column) for column in zip(*rows, strict=True))
    counts = {"n_classes": len(set(target)), "n_groups": len(set(groups)), "counts": _listed(Counter(target))}
    text = f"{len(clips)} {description.format(**counts)}"
    return Data(name, text, [str(clip) for clip in clips], np.array(target), np.array(groups), groups_are, {})


def about_package(packages, source):
    """Return version and licences of the package of a set: str."""
    version = _version_of(packages, source.package) or "(version not known)"
    return (
        f"{source.package} {version}; licences: {', '.join(_licences_of(packages, source.package)) or source.licence}"
    )


def _version_of(packages, package):
    status = packages / "var/lib/dpkg/status"
    text = status.read_text(errors="replace") if status.exists() else ""
    installed = re.search(rf"^Package: {re.escape(package)}\n(?:.+\n)*?Version: (\S+)", text, flags=re.MULTILINE)
    changelog = packages / "usr/share/doc" / package / "changelog.Debian.gz"  # all there is of an unpacked package
    if installed or not changelog.exists():
        return installed and installed[1]
    with gzip.open(changelog, "rt", errors="replace") as lines:
        newest = re.match(r"\S+ \((\S+)\)", next(lines, ""))
    return newest and newest[1]


def _licences_of(packages, package):
    """List the licences of files, without those of the packaging: those of Debian's machine-readable format."""
    copyright_file = packages / "usr/share/doc" / package / "copyright"
    text = copyright_file.read_text(errors="replace") if copyright_file.exists() else ""
    paragraphs = [part for part in text.split("\n\n") if part.startswith("Files:") and "debian/*" not in part]
    found = [re.search(r"^License: *(.+)", part, flags=re.MULTILINE) for part in paragraphs]
    return list(dict.fromkeys(licence[1].strip() for licence in found if licence))
