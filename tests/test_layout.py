"""Tests are laid out as the source, and patch no private names."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PATCHER = re.compile(r"\b(setattr|delattr|patch|object)$")
LONG = 40  # lines; a shorter source may do without a test of its name
FILES = sorted(str(path.relative_to(TESTS)) for path in TESTS.rglob("test_*.py"))

ABOUT_MORE = """
    test_bad_targets.py test_compatibility.py test_contracts.py test_docs.py test_docstrings.py test_estimator_checks.py
    test_extending.py test_figures.py test_fuzz_audio.py test_gpu.py test_import.py test_layout.py test_publishing.py
    test_service.py test_reliability.py benchmarks/test_scripts.py export/test_litert.py features/test_parity.py
    features/test_physics.py persistence/test_hostile_files.py
""".split()  # than one file or folder of the source

TESTED_BY = {  # sources without a test of their name, by the test that covers most of each
    "test_docstrings.py": "nets/_parameters.py",
    "test_import.py": "_utils/lazy.py",
    "test_introspect.py": "_inference.py",
    "test_published.py": "nets/_modules/_published.py",
    "_frames/test_out_of_core.py": "nets/_stored.py",
    "audio/test_other_decoders.py": "audio/_kinds.py",
    "audio/test_parts.py": "audio/_opening.py audio/_parts_of_chunks.py audio/_parts_of_frames.py",
    "audio/test_in_memory.py": "audio/_sources.py",
    "check/test_check.py": "check/_duplicates.py check/_one_clip.py",
    "cli/test_data.py": "cli/check.py",
    "cli/_texts/test_class_predictions.py": "cli/_texts/json_predictions.py",
    "cli/test_files.py": "cli/_output.py",
    "cli/test_timeline.py": "cli/_texts/timelines.py",
    "cli/test_train.py": "cli/_command.py cli/_streams.py",
    "cli/test_tasks.py": """
        cli/_annotations.py cli/_texts/event_evaluation.py cli/_texts/number_evaluation.py
        cli/_texts/number_predictions.py cli/_texts/timeline_predictions.py
    """,
    "comparison/test_compare.py": "comparison/_candidates.py comparison/_result.py",
    "comparison/test_tasks.py": "comparison/_folds.py",
    "datasets/test_esc50.py": "datasets/_published_table.py",
    "datasets/test_folder.py": "audio/_folders.py",
    "datasets/test_table.py": """
        _utils/columns.py datasets/_existing_files.py datasets/_folds.py datasets/_read_table.py
    """,
    "encoders/test_files.py": "encoders/_registry.py",
    "encoders/test_google_speech.py": "encoders/_google_speech_encoder.py",
    "encoders/test_musicnn.py": "encoders/_musicnn_encoder.py encoders/_musicnn_net.py",
    "encoders/test_torch.py": "encoders/_check.py encoders/_content.py encoders/_encoder.py",
    "encoders/test_windows.py": "encoders/_batches.py",
    "evaluate/test_evaluation.py": "evaluate/_files.py",
    "events/test_detector.py": "events/_parameters.py",
    "export/test_classical.py": "export/_calibration.py",
    "export/test_compact.py": "export/_quantize.py export/_weights.py",
    "export/test_encoders.py": """
        export/_encoder_networks.py export/_google_speech.py export/_inserted.py export/_onnx_network.py
    """,
    "export/test_export.py": """
        export/_check.py export/_nets.py export/_trace.py export/_features.py export/_model.py export/_recurrent.py
    """,
    "export/test_page.py": "cli/page.py",
    "features/test_parity.py": """
        features/_chroma.py features/_cqt.py features/_mel.py features/_mfcc.py features/_pcen.py
        features/_spectral.py features/_spectrogram.py features/_tempo.py features/_tonnetz.py features/_waveform.py
    """,
    "metrics/test_event_scores.py": "metrics/_event_tables.py",
    "multilabel/test_thresholds.py": "multilabel/_held_out.py",
    "nets/test_base.py": "nets/_classifier.py nets/_preparation.py nets/_skorch_net.py",
    "nets/test_encoder.py": "nets/_modules/_encoder.py",
    "nets/test_regressor.py": "nets/_targets/_numbers.py",
    "nets/test_rnn.py": "nets/_modules/_rnn.py",
    "nets/test_warm_start.py": "_utils/rollback.py",
    "nets/_targets/test_labels.py": "nets/_published.py",
    "nets/_targets/test_step_labels.py": "nets/_targets/_stepwise.py",
    "nets/_modules/test_conv.py": """
        nets/_cnn.py nets/_crnn.py nets/_dense.py nets/_modules/_residual.py nets/_parallel.py
    """,
    "nets/_modules/test_separable.py": "nets/_tiny.py",
    "persistence/test_files.py": "nets/_state.py persistence/_encode.py",
    "persistence/test_hostile_files.py": """
        persistence/_allowed.py persistence/_archive.py persistence/_audit.py persistence/_consistency.py
        persistence/_build.py persistence/_consistency_of_sklearn.py persistence/_nodes.py
    """,
    "plots/test_feature_display.py": "plots/_display.py plots/_panels.py plots/_panels_of_features.py",
    "plots/test_embedding_display.py": "plots/_embed_clips.py plots/_project.py plots/_suspects.py",
    "plots/test_explanation_display.py": """
        plots/_attribution.py plots/_explain.py plots/_explained_output.py plots/_gradients.py plots/_net_chain.py
    """,
    "plots/test_timeline_display.py": "plots/_outcomes.py",
    "plots/test_study_display.py": "plots/_search_scores.py plots/_study_axes.py plots/_study_pairs.py",
    "reporting/test_card.py": "reporting/_card_data.py reporting/_card_scores.py",
    "reporting/test_report.py": """
        cli/report.py cli/_texts/reports.py reporting/_classes.py reporting/_figures.py
        reporting/_model.py reporting/_sources.py reporting/_write.py
    """,
    "recipes/test_classifier.py": "recipes/_pipeline.py recipes/_sizes.py",
    "segments/test_voting.py": "segments/_cut.py segments/_segmented.py",
    "predict/test_files.py": "predict/_predicted.py",
    "timeline/test_events.py": "timeline/_curves.py",
    "streaming/test_predictor.py": "streaming/_blocks.py",
    "timeline/test_predict.py": "timeline/_formats.py",
    "train/test_files.py": "train/_classes.py train/_splits.py",
}


def sources_of(test):
    """The source that a test file stands for: ``a/test_b.py`` for ``a/_b.py``, ``a/b.py`` or the folder ``a/b``."""
    folder, name = Path(test).parent, Path(test).stem.removeprefix("test_")
    above = ROOT if folder.parts[:1] == ("benchmarks",) else ROOT / "sklaudio"
    places = [above / folder / place for place in (f"_{name}.py", f"{name}.py", name)]
    return [place for place in places if place.exists()]


def patched_names(tree):
    """Line and last name of what is patched: ``setattr(module, "name", …)`` and ``patch("module.name")``."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not re.search(
            r"\b(setattr|delattr|patch|object)$", ast.unparse(call.func)
        ):
            continue
        texts = [each.value for each in call.args[:2] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if texts:
            yield call.lineno, texts[0].rpartition(".")[2]


def test_tests_stand_for_a_source():
    astray = [test for test in FILES if test not in ABOUT_MORE and not sources_of(test)]
    assert astray == [], "Name a test after the source it is about and put it in the same folder, or add to ABOUT_MORE."


def test_long_sources_have_a_test():
    tested = {source for test in FILES for source in sources_of(test)}
    tested |= {ROOT / "sklaudio" / source for sources in TESTED_BY.values() for source in sources.split()}
    sources = [path for path in (ROOT / "sklaudio").rglob("*.py") if path.name != "__init__.py"]
    assert sources
    without = [path for path in sources if path not in tested and len(path.read_text("utf-8").splitlines()) > LONG]
    assert without == [], "Write a test file of that name, or name the test that covers it in TESTED_BY."


def test_the_lists_hold_what_is_there_and_needed():
    assert sorted({*ABOUT_MORE, *TESTED_BY} - set(FILES)) == []
    assert [test for test in ABOUT_MORE if sources_of(test)] == []
    listed = [source for sources in TESTED_BY.values() for source in sources.split()]
    assert [source for source in listed if not (ROOT / "sklaudio" / source).is_file()] == []
    by_name = {path for test in FILES for path in sources_of(test)}
    assert [source for source in listed if ROOT / "sklaudio" / source in by_name] == []
    assert len(set(listed)) == len(listed)


def test_no_test_patches_a_private_name():
    patched = {
        f"tests/{test}:{line}": name
        for test in FILES
        for line, name in patched_names(ast.parse((TESTS / test).read_text("utf-8")))
    }
    assert len(patched) > 20
    assert [place for place, name in patched.items() if re.match("_[a-z]", name, re.IGNORECASE)] == [], (
        "Test what a user can see: by a small input, a callback, a subclass, a parameter, or a child process."
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('monkeypatch.setattr(module, "_read", None)', ["_read"]),
        ('patch.setattr("package._module.name", None)', ["name"]),
        ('monkeypatch.delattr("package.module._name")', ["_name"]),
        ('with mock.patch("a._b"), mock.patch.object(c, "_d"): pass', ["_b", "_d"]),
        ('setattr(self, name, value) or print("_a")', []),
    ],
)
def test_patches_are_seen(code, found):
    assert [name for _, name in patched_names(ast.parse(code))] == found
