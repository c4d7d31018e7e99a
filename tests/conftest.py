"""Sounds that the tests make themselves, and real recordings where they are at hand."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # before scipy is imported: scikit-learn's array API check runs then
os.environ.setdefault("OMP_NUM_THREADS", "1")  # nets as small as those here are slower on two threads than on one
# Processes that compile librosa's functions into one folder at the same time can crash, so each has its own. Workers of
# xdist inherit the folder of the process that starts them.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "numba"))
os.environ["NUMBA_CACHE_DIR"] += os.sep + os.environ.get("PYTEST_XDIST_WORKER", "main")

import numpy as np
import pytest
import soundfile

import sklaudio

from .browser import MICROPHONE, start_browser
from .tones import tone, tone_model

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or commands that the tests start ignore Ctrl-C too

SR = 22050
TESTS = itertools.count()
TOP = Path(__file__).parents[1]
REAL = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch, tmp_path_factory):
    """Data homes are empty, so no test can read or download what it did not make. The folder is one of the test's own,
    which is not there: pytest looks through all folders of earlier tests for the name of a new one."""
    home = tmp_path_factory.getbasetemp() / "data-homes" / str(next(TESTS))
    monkeypatch.setenv("SKLAUDIO_DATA", str(home))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def tone_1khz():
    return np.sin(2 * np.pi * 1000 * np.arange(SR) / SR).astype(np.float32)


@pytest.fixture
def noise(rng):
    return (0.1 * rng.normal(size=SR)).astype(np.float32)


@pytest.fixture
def tone_files(tmp_path, rng):
    """Twelve files in two classes by pitch, of unequal length, and their labels."""
    paths, labels = [], []
    for index in range(12):
        label = ("low", "high")[index % 2]
        time = np.arange(round(SR * (0.25 + 0.02 * index))) / SR
        pitch = {"low": 200, "high": 2000}[label] * rng.uniform(0.9, 1.1)
        path = tmp_path / f"{label} {index}.wav"
        soundfile.write(path, 0.5 * np.sin(2 * np.pi * pitch * time) + 0.01 * rng.normal(size=len(time)), SR)
        paths.append(str(path))
        labels.append(label)
    return paths, labels


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """File of a model that tells three tones apart."""
    path = tmp_path_factory.mktemp("model") / "model.skops"
    sklaudio.save(tone_model(), path)
    return str(path)


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """Return the paths of a wheel and an sdist of the files that git has, or would add."""
    pytest.importorskip("hatchling", reason="hatchling, which builds wheels, is not installed")
    if not (TOP / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not in a git repository, which says what is published")
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (TOP / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", built], cwd=source, check=True, capture_output=True
    )
    return next(built.glob("*.whl")), next(built.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def microphone_file(tmp_path_factory):
    """What the microphone of the browser records: three tones of a second each, again and again."""
    path = tmp_path_factory.mktemp("microphone") / "tones.wav"
    y = np.concatenate([tone(pitch, 1.0, 48000) for pitch in (200, 3000, 800)])
    soundfile.write(path, y, 48000, subtype="PCM_16")
    return str(path)


@pytest.fixture(scope="session")
def started(tmp_path_factory, microphone_file):
    """The driver of a browser, for all tests of pages."""
    flags = [*MICROPHONE, f"--use-file-for-fake-audio-capture={microphone_file}"]
    driver = start_browser(tmp_path_factory.mktemp("profile"), *flags)
    yield driver
    driver.quit()


@pytest.fixture
def frames(rng):
    """Thirty clips of twenty frames of three dims in three classes, which the first dim tells apart."""
    y = np.array(["a", "b", "c"] * 10)
    X = rng.normal(size=(30, 20, 3)).astype(np.float32)
    X[:, :, 0] += np.searchsorted(["a", "b", "c"], y)[:, None] * 2
    return X, y


@pytest.fixture
def ragged(frames, rng):
    """The same, of unequal lengths."""
    X, y = frames
    clips = np.empty(len(X), dtype=object)
    for index, clip in enumerate(X):
        clips[index] = clip[: rng.integers(5, 21)]
    return clips, y


def real_files(pattern):
    """Real recordings, or a skip where they are not at hand."""
    files = sorted(REAL.glob(pattern))
    if not files:
        pytest.skip(f"no real recordings at {REAL / pattern}")
    return files


@pytest.fixture
def gtzan_files():
    return real_files("gtzan/genres/*/*.flac")


@pytest.fixture
def speaker_files():
    return real_files("speakers/*/*.flac")


@pytest.fixture
def gtzan_home():
    return real_files("gtzan/genres/*/*.flac")[0].parents[2]


@pytest.fixture
def pyplot_unchanged():
    """Fails where a test changes settings, backend, or figures of pyplot's."""
    import matplotlib
    from matplotlib import pyplot

    mine = pyplot.figure()
    before = dict(matplotlib.rcParams), matplotlib.get_backend()
    yield
    assert (dict(matplotlib.rcParams), matplotlib.get_backend()) == before
    assert pyplot.get_fignums() == [mine.number]
    assert pyplot.gcf() is mine
    pyplot.close(mine)
