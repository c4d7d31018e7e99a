"""The map of a report: bounded, with a point for each clip and its sound where there is one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameSummary, MelSpectrogramTransformer
from sklaudio.evaluate import Evaluation
from sklaudio.reporting import _map

from ..reports import Page
from ..tones import tone


@pytest.fixture(scope="module")
def model():
    X = [tone(pitch * factor, 0.2) for factor in np.linspace(0.9, 1.1, 6) for pitch in (300, 3000)]
    return make_pipeline(MelSpectrogramTransformer(20), FrameSummary(), LogisticRegression()).fit(
        X, ["low", "high"] * 6
    )


@pytest.fixture(scope="module")
def clips():
    X = [tone(pitch * factor, 0.2) for factor in np.linspace(0.85, 1.15, 50) for pitch in (300, 3000)]
    y = np.array(["low", "high"] * 50)
    y[[3, 8]] = "low", "high"
    return X, y


def points(page):
    return [path for path in page.all("path") if "data-name" in path]


def test_each_clip_is_a_point_and_some_are_played(model, clips, tmp_path):
    page = Page(sklaudio.report(model, *clips, path=tmp_path / "r.html", max_explained=0).path)
    found = points(page)
    assert len(found) == 100
    wrong = [point for point in found if "wrong" in point["class"]]
    assert sorted(point["data-name"] for point in wrong) == ["X[3]", "X[8]"]
    assert {(point["data-true"], point["data-said"]) for point in wrong} == {("low", "high"), ("high", "low")}
    assert sorted(point["data-of"] for point in wrong) == ["0", "1"]  # they are played from their mistakes
    assert sum("data-sound" in point for point in found) == 60
    assert "Labels that may be wrong" in page.text


def test_alike_clips_are_close(model, clips, tmp_path):
    page = Page(sklaudio.report(model, *clips, path=tmp_path / "r.html", max_explained=0).path)
    places = {
        said: np.array(
            [
                [float(number) for number in point["transform"][10:-1].split()]
                for point in points(page)
                if point["data-said"] == said
            ]
        )
        for said in ("low", "high")
    }
    apart = np.linalg.norm(places["low"].mean(axis=0) - places["high"].mean(axis=0))
    assert apart > 2 * max(place.std(axis=0).max() for place in places.values())
    for place in places.values():
        assert (place >= 0).all()
        assert (place <= [_map.WIDTH, _map.HEIGHT]).all()


def test_there_is_none_where_it_is_not_asked_for_or_no_model_is_known(model, clips, tmp_path):
    X, y = clips
    page = Page(sklaudio.report(model, X, y, path=tmp_path / "r.html", with_map=False, max_explained=0).path)
    assert points(page) == []
    evaluation = Evaluation.from_predictions(y, model.predict(X))
    assert points(Page(sklaudio.report(evaluation, X, path=tmp_path / "e.html").path)) == []


def test_clips_that_are_all_alike_are_in_the_middle(model, tmp_path):
    page = Page(sklaudio.report(model, [tone(300, 0.2)] * 4, ["low"] * 4, path=tmp_path / "r.html").path)
    assert {point["transform"] for point in points(page)} == {f"translate({_map.WIDTH / 2} {_map.HEIGHT / 2})"}


def test_two_clips_are_no_map(model, clips, tmp_path):
    X, y = clips
    assert points(Page(sklaudio.report(model, X[:2], y[:2], path=tmp_path / "r.html").path)) == []


@pytest.mark.slow
def test_the_page_of_5000_clips_is_bounded(model, clips, tmp_path):
    X, y = clips
    done = sklaudio.report(model, X * 50, np.tile(y, 50), path=tmp_path / "r.html", max_explained=2, max_clips=20)
    assert done.n_clips == 5000
    assert len(points(Page(done.path))) == 2000
    assert done.n_bytes < 5e6
