"""A small model of spoken words, and recordings to report on; used by the tests of reports."""

import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile

import sklaudio
from sklaudio.datasets import make_words

ODD = "a<b>&\"c'"  # a class that would be HTML
LONG = "a_class_of_a_name_that_is_long_and_can_be_broken_nowhere"
ODD_FILE = "<img src=x onerror=alert(1)>&\"'.wav"
GROUPS = r"(speaker\d+)|$"


def write_words(folder, n_clips=80, seed=1):
    """Write a folder per word, where two recordings lie in two classes each: one label of either is wrong."""
    words = make_words(n_clips, n_speakers=4, random_state=seed)
    names = dict(zip(words.target_names[:4], ["mei", "suki", LONG, ODD], strict=True))
    for number, (clip, word, speaker) in enumerate(zip(words.data, words.target, words.groups, strict=True)):
        if word in names:
            path = Path(folder) / names[word] / f"{speaker} {number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, clip, words.sr)
    twice = sorted((Path(folder) / "suki").glob("*.wav"))[:2]
    shutil.copy(twice[0], Path(folder) / ODD / ODD_FILE)
    shutil.copy(twice[1], Path(folder) / LONG / "speaker9 copy.wav")
    return str(folder)


@cache
def word_model():
    """A net that has learned these words a little, from other recordings; no test may change it."""
    net = sklaudio.make_classifier("dense", sr=16000, duration=1.0, max_epochs=4, random_state=0)
    with TemporaryDirectory() as folder:
        data = sklaudio.datasets.load_folder(write_words(folder, seed=0))
        return net.fit(data.data, data.target)


class Page(HTMLParser):
    """What is on a page: its tags, in order, and its text without scripts and styles."""

    def __init__(self, path):
        super().__init__()
        self.source = Path(path).read_text(encoding="utf-8")
        self.tags, self.texts, self._inside = [], [], None
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.texts.append(data)

    def handle_endtag(self, tag):
        self._inside = None
        self.texts.append(" " * (tag in ("dt", "dd", "li", "td", "th")))

    @property
    def text(self):
        return " ".join(re.sub(r"\s+", " ", "".join(self.texts)).split())

    def all(self, tag, **attributes):
        """Attributes of all tags of a name that have these."""
        found = [each for name, each in self.tags if name == tag]
        return [each for each in found if all(each.get(key) == value for key, value in attributes.items())]

    @property
    def cells(self):
        """Number of clips of each cell of the matrix, by its key."""
        buttons = [button for button in self.all("button") if "data-opens" in button]
        return {
            button["data-opens"]: int(re.search(r"([\d,]+) clips?$", button["aria-label"])[1]) for button in buttons
        }
