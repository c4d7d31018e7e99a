"""What the benchmarks print and draw."""

import json
import math
import os
import textwrap
from pathlib import Path

import numpy as np

from sklaudio.evaluate import UNREADABLE

from .calibration import HOW

TEMPERATURE = "ECE, temperature"
ECE = "ECE: expected calibration error of held-out clips, all folds of a seed together; mean ± std over seeds."
WITH_TEMPERATURE = f"ECE, temperature: with {HOW}; fit s includes these folds."


class Printer:
    """Prints lines, each behind the same label: on synthetic data every line says so."""

    def __init__(self, label=""):
        self.label = label

    def __call__(self, text=""):
        """Print each line of `text`."""
        for line in text.split("\n"):
            print(f"{self.label}{line}".rstrip())


def spread(values, digits=3):
    """Format mean and standard deviation."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}"


def spread_or_none(values):
    """Format mean and standard deviation, or n/a where there is nothing."""
    return spread(values) if len(values) else "n/a"


def table(header, rows):
    """Format columns as wide as they need to be; the first is aligned left, the others right."""
    cells = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in
                  enumerate(zip(row, widths, strict=True)))
        for row in cells
    ]  # fmt: skip
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def classes_table(result):
    """Return precision, recall, F1 and support of each class as text, a dash where one is undefined."""
    rows = [
        [label, *(_two_digits(scores[name]) for name in ("precision", "recall", "f1")), scores["support"]]
        for label, scores in result.per_class.items()
    ]
    return table(["class", "precision", "recall", "F1", "support"], rows)


def _two_digits(value):
    return "–" if math.isnan(value) else f"{value:.2f}"


def confusion_table(result):
    """Return the counts as text: rows are the true classes, columns the predictions, named by their first letters."""
    short = [label[:5] for label in _columns(result)]
    rows = [[name, *row] for name, row in zip(result.classes, result.confusion, strict=True)]
    return table(["true \\ predicted", *short], rows)


def _columns(result):
    """Return the names of the columns of a confusion matrix."""
    return [*result.classes, UNREADABLE][: len(result.confusion[0])]


def summary_table(results):
    """Format one line per model."""
    rows = [
        [
            result.name,
            result.features,
            spread(result.segment_accuracy),
            spread(result.clip_accuracy),
            spread_or_none(result.calibration_error),
            spread_or_none(result.calibration_error_with_temperature),
            f"{result.n_parameters:,}",
            f"{result.n_bytes / 1024:,.0f}",
            f"{np.mean(result.fit_seconds):.1f}",
            f"{np.mean(result.predict_seconds):.2f}",
            result.figure,
        ]
        for result in results
    ]
    header = [
        "model",
        "features",
        "accuracy/segment",
        "accuracy/clip",
        "ECE/clip",
        TEMPERATURE,
        "parameters",
        "KiB",
        "fit s",
        "predict s",
        "published",
    ]
    empty = {"published": not any(result.figure for result in results)}
    empty[TEMPERATURE] = not any(result.calibration_error_with_temperature for result in results)
    shown = [column for column, name in enumerate(header) if not empty.get(name)]
    header, *rows = ([row[column] for column in shown] for row in (header, *rows))
    text = f"{table(header, rows)}\n\n{ECE}"
    return text if empty[TEMPERATURE] else "\n".join([text, *textwrap.wrap(WITH_TEMPERATURE, 120)])


def save_json(path, **content):
    """Write what was measured by an atomic write; NaN becomes null."""
    part = Path(f"{path}.part")
    part.write_text(json.dumps(without_nan(content), indent=1, allow_nan=False))
    os.replace(part, path)


def without_nan(value):
    """Return a copy of dicts, lists and numbers in which None stands for what is not finite, which JSON lacks."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def draw(folder, results, title, about):
    """Write the accuracies, the confusion matrices and the training curves as PNG, with what they are about below."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"accuracy": _accuracy_figure(results, title), "confusion": _confusion_figure(results, title)}
    if any(result.history for result in results):
        figures["training"] = _training_figure(results, title)
    paths = []
    for name, figure in figures.items():
        paths.append(folder / f"{name}.png")
        save_figure(paths[-1], figure, about)
    return paths


def save_figure(path, figure, about):
    """Write a figure as PNG, with what it is about below and in its metadata."""
    n_characters = int(22 * figure.get_figwidth())  # of size 6, an inch
    figure.supxlabel("\n".join(textwrap.wrap(_footer(about), n_characters)), fontsize=6, color="0.4")
    figure.savefig(path, dpi=120, metadata={"Description": json.dumps(about)})


def _footer(about):
    """Split, seeds, data and versions."""
    packages = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return f"{about['split']}; seeds {about['seeds']}; data {about['data_hash']}; {packages}"


def _accuracy_figure(results, title):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.2 + 0.55 * len(results)), layout="constrained")
    axes = figure.subplots()
    heights = np.arange(len(results))
    for shift, column, label in ((-0.18, "segment_accuracy", "per segment"), (0.18, "clip_accuracy", "per clip")):
        values = [getattr(result, column) for result in results]
        axes.barh(heights + shift, [np.mean(v) for v in values], 0.34, xerr=[np.std(v) for v in values], label=label)
    axes.set(xlim=(0, 1), xlabel="accuracy (mean and standard deviation over folds and seeds)", title=title)
    axes.set_yticks(heights, [f"{result.name}\n{result.features}" for result in results])
    axes.axvline(1 / len(results[0].classes), color="0.5", linestyle=":", label="chance")
    axes.invert_yaxis()
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _confusion_figure(results, title):
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    n_columns = min(3, len(results))
    n_rows = -(-len(results) // n_columns)
    figure = Figure(figsize=(5.2 * n_columns, 5.2 * n_rows), layout="constrained")
    figure.suptitle(f"{title}: clips of all folds and seeds")
    grid = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axes, result in zip(grid, results, strict=False):
        labels = _columns(result)
        n_missing = len(labels) - len(result.classes)  # the display takes a square
        counts = np.pad(result.confusion, ((0, n_missing), (0, 0)))
        display = ConfusionMatrixDisplay(counts, display_labels=labels)
        display.plot(ax=axes, colorbar=False, xticks_rotation=60, cmap="Blues")
        axes.set(title=f"{result.name}, {spread(result.clip_accuracy)}", xlabel="predicted", ylabel="true")
    for axes in grid[len(results) :]:
        axes.set_axis_off()
    return figure


def _training_figure(results, title):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    figure.suptitle(f"{title}: training of the first fold")
    for axes, column, label in zip(
        figure.subplots(1, 2), ("train_loss", "train_acc"), ("loss", "accuracy"), strict=True
    ):
        for result in results:
            if result.history:
                epochs = [epoch["epoch"] for epoch in result.history]
                axes.plot(epochs, [epoch[column] for epoch in result.history], label=result.name, marker=".")
        axes.set(xlabel="epoch", ylabel=f"training {label}")
        axes.legend()
    return figure
