"""What docs/extending.md says, done in a copy of the package: each addition is one file and one line."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from .test_docs import DOCS, ROOT, blocks_of

FILE = re.compile(r"# sklaudio/(\S+)\n")
LISTS = {
    "features": "features/__init__.pyi",
    "nets": "nets/__init__.pyi",
    "datasets": "datasets/__init__.pyi",
    "cli": "cli/__init__.py",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The folder of a copy of the package with the files and lines of the page in it, and nothing else changed."""
    home = tmp_path_factory.mktemp("extended")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sklaudio", home / "sklaudio", ignore=ignored)
    shutil.copytree(ROOT / "weights", home / "weights", ignore=ignored)
    blocks = blocks_of(DOCS / "extending.md")
    added = []
    for index, block in enumerate(blocks):
        if (match := FILE.match(block.code)) is None:
            continue
        path = home / "sklaudio" / match[1]
        assert not path.exists()
        path.write_text(block.code, encoding="utf-8")
        line = next(other.code for other in blocks[index:] if other.language == "text")
        assert len(line.splitlines()) == 1
        names = home / "sklaudio" / LISTS[path.parent.name]
        text = names.read_text(encoding="utf-8")
        names.write_text(re.sub(r"^(?=from \. |from \._(?!main))", line, text, count=1, flags=re.MULTILINE), "utf-8")
        sort = [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "-q",
            "--select",
            "I",
            "--fix",
            "--config",
            ROOT / "pyproject.toml",
        ]
        subprocess.run([*sort, names], check=True)  # in the order in which the list is kept
        added.append(match[1])
    assert added == ["features/_bands.py", "nets/_mean.py", "datasets/_sessions.py", "cli/loudness.py"]
    return home


def run(package, folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(package)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


USE = """
import numpy as np
import sklaudio
from sklearn.pipeline import make_pipeline

assert sklaudio.__file__.startswith({home!r}), sklaudio.__file__
assert "fetch_sessions" in sklaudio.datasets.__all__
for name in ("BandEnergyTransformer", "MeanClassifier", "MeanRegressor"):
    assert name in sklaudio.__all__ and name in dir(sklaudio)
    cls = getattr(sklaudio, name)
    assert set(cls._parameter_constraints) == set(cls().get_params(deep=False))
assert "n_hidden : int" in sklaudio.MeanRegressor.__doc__ and "early_stopping" in sklaudio.MeanClassifier.__doc__
data = sklaudio.datasets.fetch_sessions(".")
model = sklaudio.make_classifier("mean", n_hidden=4, max_epochs=2, random_state=0).fit(data.data, data.target)
assert type(model[-1]).__name__ in ("MeanClassifier", "SegmentVotingClassifier")
sklaudio.save(model, "mean.skops")
assert (sklaudio.load("mean.skops").predict(data.data) == model.predict(data.data)).all()
bands = make_pipeline(sklaudio.BandEnergyTransformer(), sklaudio.MeanRegressor(4, max_epochs=2, random_state=0))
bands.fit(data.data, np.arange(len(data.data)) / 10)
sklaudio.save(bands, "bands.skops")
np.testing.assert_array_equal(sklaudio.load("bands.skops").predict(data.data), bands.predict(data.data))
"""


@pytest.mark.slow
def test_a_feature_a_net_and_a_data_set_are_public_after_one_line(package, recordings_of_docs, tmp_path):
    shutil.copytree(recordings_of_docs, tmp_path, dirs_exist_ok=True)
    run(package, tmp_path, "-c", USE.format(home=str(package)))


@pytest.mark.slow
def test_the_command_line_knows_the_net_and_the_command(package, recordings_of_docs, tmp_path):
    shutil.copytree(recordings_of_docs, tmp_path, dirs_exist_ok=True)
    assert "loudness" in run(package, tmp_path, "-m", "sklaudio", "--help")
    paths = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "recordings").rglob("*.wav"))
    lines = run(package, tmp_path, "-m", "sklaudio", "loudness", "--peak", *paths[:2]).splitlines()
    assert [line.split(": ")[0] for line in lines] == paths[:2]
    assert all(-60 < float(line.split(": ")[1].removesuffix(" dB")) <= 0 for line in lines)
    options = ["--model", "mean", "--epochs", "1", "--validate", "0", "--out", "mean.skops"]
    run(package, tmp_path, "-m", "sklaudio", "train", "recordings", *options)
    assert "mean" in run(package, tmp_path, "-m", "sklaudio", "models")
    assert "waltz" in run(package, tmp_path, "-m", "sklaudio", "predict", "mean.skops", *paths[:1], "--top", "3")
