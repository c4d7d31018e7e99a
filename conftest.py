"""Where examples run as doctests: in a folder of their own; those of the README with recordings in it."""

import pytest


@pytest.fixture(autouse=True)
def folder_of_examples(request, tmp_path, monkeypatch):
    """Examples write files into no folder but theirs."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def recordings(request, tmp_path, monkeypatch):
    """For README.md only: ``recordings/<class>/*.wav`` in the working directory."""
    if request.node.name != "README.md":
        return
    import numpy as np
    import soundfile
    from joblib.externals.loky import get_reusable_executor

    from sklaudio.datasets._genres import STYLES, render

    rng = np.random.default_rng(0)
    for style in ("ambient", "punk", "waltz"):
        folder = tmp_path / "recordings" / style
        folder.mkdir(parents=True)
        for number in range(20):
            soundfile.write(folder / f"{number:02d}.wav", render(STYLES[style], 3.5, 22050, rng), 22050)
    get_reusable_executor().shutdown()  # workers that other tests left running are in their own working directory
