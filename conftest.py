"""A folder of recordings for the examples of the README, which run as doctests."""

import pytest


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
    monkeypatch.chdir(tmp_path)
    get_reusable_executor().shutdown()  # workers that other tests left running are in their own working directory
