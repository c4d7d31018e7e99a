"""How tests are collected, and where examples run: in a folder of their own; those of README with recordings in it."""

import gc
import shutil

import pytest

N_RECORDINGS = 12  # of each class, as README says


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for garbage less often, and never in what is collected, which lives to the end.

    The default looks through all that the exporter of torch imports again and again, a tenth of the time of its tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        gc.enable()


@pytest.fixture(autouse=True)
def folder_of_examples(request, monkeypatch):
    """Keep examples from writing files into any folder but theirs."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(request.getfixturevalue("tmp_path"))


@pytest.fixture(scope="session")
def recordings_of_docs(tmp_path_factory):
    """Make a folder with ``recordings/<class>/*.wav``, and a table, ``meta.csv``, as README and pages have them."""
    import numpy as np
    import soundfile

    from sklaudio.datasets._genres import STYLES, render

    home = tmp_path_factory.mktemp("docs")
    rng = np.random.default_rng(0)
    styles = ("ambient", "punk", "waltz")
    for style in styles:
        folder = home / "recordings" / style
        folder.mkdir(parents=True)
        for number in range(N_RECORDINGS):
            soundfile.write(folder / f"{number:02d}.wav", render(STYLES[style], 3.5, 22050, rng), 22050)
    rows = [f"{style}/{n:02d}.wav,{style},band{n // 3},{n // 6}" for style in styles for n in range(N_RECORDINGS)]
    (home / "meta.csv").write_text("\n".join(["filename,style,band,fold", *rows]) + "\n")
    return home


@pytest.fixture(autouse=True)
def recordings(request):
    """Put ``recordings`` into the working directory, for README.md only."""
    if request.node.name != "README.md":
        return
    from joblib.externals.loky import get_reusable_executor

    home, here = (request.getfixturevalue(name) for name in ("recordings_of_docs", "tmp_path"))
    shutil.copytree(home, here, dirs_exist_ok=True)
    get_reusable_executor().shutdown()  # workers that other tests left running are in their own working directory
