"""What speaks for predictions, in a report: bounded, and left out where it is not asked for."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import CNNClassifier, FrameSummary, MelSpectrogramTransformer

from ..reports import Page
from ..tones import tone


@pytest.fixture(scope="module")
def mistaken():
    """A model, and clips of which the first five are not what their labels say."""
    X = [tone(pitch * factor, 0.3) for factor in np.linspace(0.9, 1.1, 8) for pitch in (300, 3000)]
    y = np.array(["low", "high"] * 8)
    model = make_pipeline(MelSpectrogramTransformer(20), FrameSummary(), LogisticRegression()).fit(X, y)
    y[:5] = np.where(y[:5] == "low", "high", "low")
    return model, X, y


def explained(page):
    return [image["alt"] for image in page.all("img") if "speaks for" in image["alt"]]


@pytest.fixture(scope="module")
def reported(mistaken, tmp_path_factory):
    """Function: `max_explained` -> what a report with it returns, made once."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def reported(max_explained):
        path = folder / f"{max_explained}.html"
        return sklaudio.report(*mistaken, path=path, max_explained=max_explained, with_map=False)

    return reported


@pytest.mark.parametrize(("max_explained", "n"), [(10, 5), (2, 2), (0, 0)])
def test_as_many_mistakes_as_are_asked_for(reported, max_explained, n):
    page = Page(reported(max_explained).path)
    assert len(explained(page)) == n
    assert all(alt.endswith(("against low", "against high")) for alt in explained(page))


def test_an_explanation_is_small(reported):
    assert 0 < (reported(10).n_bytes - reported(0).n_bytes) / 5 < 40_000


def test_labels_and_numbers_are_explained_too(tmp_path):
    X = [tone(pitch * factor, 0.3) for factor in np.linspace(0.9, 1.1, 8) for pitch in (300, 3000)]
    Y = pd.DataFrame({"low": [1, 0] * 8, "high": [0, 1] * 8})
    labels = make_pipeline(MelSpectrogramTransformer(20), CNNClassifier([4], max_epochs=8, lr=0.02, random_state=0))
    labels.fit(X, Y)
    wrong = Y.copy()
    wrong.iloc[:3] = 1 - wrong.iloc[:3]
    page = Page(sklaudio.report(labels, X, wrong, path=tmp_path / "l.html").path)
    assert len(explained(page)) >= 3
    ridge = make_pipeline(MelSpectrogramTransformer(20), FrameSummary(), Ridge()).fit(X, Y["low"])
    page = Page(sklaudio.report(ridge, X, Y["low"], path=tmp_path / "n.html", max_explained=4).path)
    assert len(explained(page)) == 4


def test_long_clips_are_not_explained(mistaken, tmp_path):
    model, X, y = mistaken
    done = sklaudio.report(model, [tone(3000, 61.0), *X[5:]], ["low", *y[5:]], path=tmp_path / "r.html")
    assert explained(Page(done.path)) == []


@pytest.mark.parametrize("value", [-1, 1.5, "all"])
def test_a_number_of_mistakes_is_checked(mistaken, tmp_path, value):
    with pytest.raises(ValueError, match=r"max_explained=.* must be a whole number"):
        sklaudio.report(*mistaken, path=tmp_path / "r.html", max_explained=value)
