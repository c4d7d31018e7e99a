"""Figures in README, guide and model cards are those of docs/results.md, and counts of parameters those of the code."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    GRUClassifier,
    LSTMClassifier,
    make_classifier,
    published,
)

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RESULTS = DOCS / "results.md"
TASKS = {"genres": 10, "words": 9, "digits": 10, "instruments": 16}  # and how many classes they have
SPREAD = r"\d?\.\d{2,3} ± \d?\.\d{2,3}"
NETS = {  # rows of tables: the net, and how many dims the frames have that it gets
    "CNN": (CNNClassifier, 64),
    "CRNN": (CRNNClassifier, 64),
    "LSTM": (LSTMClassifier, 13),
    "BLSTM": (BLSTMClassifier, 13),
    "BGRU, augmented": (lambda **settings: GRUClassifier(bidirectional=True, **settings), 64),
}
NOT_OUR_NETS = {  # rows that have other parameters
    "logistic regression",
    "SVM (rbf)",
    "random forest",
}


def sections():
    """Sections of the page of results: heading, facts, rows of cells."""
    text = RESULTS.read_text(encoding="utf-8")
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        facts = dict(re.findall(r"^- ([\w ]+): (.*)$", body, flags=re.MULTILINE))
        (fence,) = re.findall(r"^```\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        yield title, facts, fence


def tables(fence):
    """Tables in a fence: lists of dicts from column to cell; cells are two spaces apart."""
    for header, rows in re.findall(r"^(\S[^\n]+)\n-+\n((?:\S[^\n]+\n)+)", fence, flags=re.MULTILINE):
        columns = re.split(r" {2,}", header.strip())
        cells = [re.split(r" {2,}", row.strip()) for row in rows.splitlines()]
        yield [dict(zip(columns, row, strict=False)) for row in cells]


def spreads(text):
    """Figures with a spread, as numbers of text."""
    return {re.sub(r"(?<!\d)\.", "0.", figure) for figure in re.findall(SPREAD, re.sub(r"\s+", " ", text))}


def rows_of_recipe():
    (table,) = [tables(fence) for title, _, fence in sections() if title == "make_classifier(), four tasks"]
    return {row["task"]: row for row in next(table)}


def test_every_section_says_what_was_measured_and_how():
    titles = [title for title, _, _ in sections()]
    assert len(titles) == len(set(titles)) > 20
    for title, facts, fence in sections():
        assert {"data", "command", "measured"} <= set(facts), title
        assert fence.strip(), title
        script = re.match(r"python benchmarks/(\w+)\.py", facts["command"])
        assert script, title
        sources = [ROOT / "benchmarks" / f"{script[1]}.py", *(ROOT / "benchmarks" / "lib").glob("*.py")]
        known = "".join(source.read_text(encoding="utf-8") for source in sources)
        options = re.findall(r"--([\w-]+)", facts["command"])
        assert all(f'"--{option}"' in known or f'"{option}"' in known for option in options), title


def test_groups_of_results_are_those_of_the_benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from lib.results_page import GROUPS, page, read_page

    text = RESULTS.read_text(encoding="utf-8")
    head, groups = read_page(text)
    assert set(groups) <= set(GROUPS.values())
    assert all(group.introduction for group in groups.values())
    assert page(head, groups) == text  # as `write_section` would write it


QUOTING = [
    ROOT / "README.md",
    RESULTS,
    *(page for page in DOCS.glob("*.md") if page.name not in ("results.md", "recipe_log.md")),
    *DOCS.glob("guide/*.md"),
]


@pytest.mark.parametrize("page", QUOTING, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_figures_with_a_spread_are_measured_ones(page):
    measured = set().union(*(spreads(fence) for _, _, fence in sections()))
    unknown = spreads(page.read_text(encoding="utf-8")) - measured
    assert not unknown, f"{page.name}: {unknown} are in no section of results.md."


def test_the_recipe_scores_what_the_cards_of_its_weights_say():
    rows = rows_of_recipe()
    for task in TASKS:
        card = json.loads((ROOT / "weights" / f"{task}.json").read_text(encoding="utf-8"))
        row = rows["digits from words" if task == "digits" else task]
        scores, calibration = card["evaluation"], card["calibration"]
        for cell, of_card in (
            (row["accuracy/clip"], scores["accuracy"]),
            (row["nets together"], scores["accuracy_of_all_seeds_together"]),
            (row["ECE"], calibration["expected_calibration_error"]),
            (row["ECE, temperature"], calibration["with_temperature"]),
        ):
            expected = [of_card["mean"], of_card["sd"]][: cell.count("±") + 1]
            assert [float(number) for number in cell.split(" ± ")] == pytest.approx(expected, abs=6e-4), (task, cell)
        assert int(row["parameters"].replace(",", "")) == card["n_parameters"]
        assert scores["seeds"] == [0, 1, 2]


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "recipe.md", RESULTS], ids=lambda page: page.name)
def test_tables_of_the_recipe_have_its_row(page):
    """Where a table in Markdown has a column of the recipe, its cells are those of results.md."""
    rows, n_checked = rows_of_recipe(), 0
    table_rows = re.findall(r"^\|(.*)\|$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    columns = []
    for line in table_rows:
        cells = [re.sub(r"\[(.*?)\]\(.*?\)", r"\1", cell.strip()) for cell in line.split("|")]
        if cells[0] == "task":
            columns = cells
        named = dict(zip(columns, cells, strict=False))
        task = named.get("task", "").replace("digits, fine-tuned from words", "digits from words")
        for column, of_results in (
            ("recipe", "accuracy/clip"),
            ("the recipe", "accuracy/clip"),
            ("three nets", "nets together"),
            ("ECE", "ECE"),
        ):
            if task in rows and column in named:
                assert named[column] == rows[task][of_results], (task, column)
                n_checked += 1
    assert n_checked or page.name == "README.md"


def n_classes(facts):
    """How many classes the data of a section have."""
    return int(re.search(r"(\d+) (?:genres|digits|words|classes)", facts["data"])[1])


def n_parameters(net, n_dims, n_classes):
    frames = np.random.default_rng(0).normal(size=(2 * n_classes, 24, n_dims)).astype("float32")
    return (
        net(max_epochs=1, random_state=0, device="cpu").fit(frames, np.arange(2 * n_classes) % n_classes).n_parameters_
    )


def counted_rows():
    """Rows of tables with a column of parameters: name, number of classes, number of parameters."""
    for title, facts, fence in sections():
        for table in tables(fence):
            for row in table:
                if "parameters" in row and "model" in row:
                    yield row["model"], n_classes(facts), int(row["parameters"].replace(",", "")), title


def test_nets_in_results_have_the_parameters_of_the_code():
    """Rows of earlier defaults are no results of this code."""
    rows = list(counted_rows())
    assert {name for name, *_ in rows} <= set(NETS) | NOT_OUR_NETS | set(published.names())
    ours = {row[:3] for row in rows if row[0] in NETS}
    ours |= {("CRNN", n, int(rows_of_recipe()[task]["parameters"].replace(",", ""))) for task, n in TASKS.items()}
    assert len(ours) >= 4
    for name, classes, count in ours:
        net, n_dims = NETS[name]
        assert n_parameters(net, n_dims, classes) == count, name


@pytest.mark.slow
def test_systems_in_results_have_the_parameters_of_the_code():
    seconds = {"genre": 4.0, "notes": 1.0, "words": 1.0}
    rows = {row[:3] for row in counted_rows() if row[0] in published.names()}
    assert len(rows) > 15
    rng = np.random.default_rng(0)
    for name, classes, count in sorted(rows):
        model = published.make(name, max_epochs=1, random_state=0)
        n_samples = round(seconds[name.split("-")[0]] * model["features"].sr)
        clips = 0.1 * rng.normal(size=(2 * classes, n_samples))
        model.fit(clips, np.arange(2 * classes) % classes)
        net = getattr(model[-1], "estimator_", model[-1])
        net = net[-1] if hasattr(net, "named_steps") else net
        assert net.n_parameters_ == count, name


def test_text_names_the_number_of_parameters_of_the_recipe():
    """In words it is round."""
    count = n_parameters(CRNNClassifier, 64, TASKS["genres"])
    found = [
        (page.name, int(number.replace(",", "")))
        for page in QUOTING
        for number in re.findall(r"\b(4\d\d,\d{3}) parameters", page.read_text(encoding="utf-8"))
        if page != RESULTS
    ]
    assert found
    for page, number in found:
        assert number == pytest.approx(count, rel=0.01), page
    assert isinstance(make_classifier()["vote"].estimator, CRNNClassifier)
