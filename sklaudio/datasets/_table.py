"""load_table: a table with a row per clip, the form in which most data sets are published."""

import os
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .._utils.columns import check_spans, column, filled, is_empty, rows_text, seconds, texts
from .._utils.terminal import shortened
from ..audio import Clip
from ._columns import from_pattern
from ._existing_files import existing_files
from ._folds import fold_of_each, splits_of, warn_of_divided_groups
from ._read_table import read_table


def load_table(
    table,
    *,
    path="path",
    target="label",
    root=None,
    groups=None,
    fold=None,
    start=None,
    end=None,
    label_sep=None,
    return_X_y=False,
) -> Any:
    """List the clips of a table that has a row per clip.

    Nothing is decoded: `data` holds paths or clips, for the feature extractors to read. Rows stay in their order.

    Parameters
    ----------
    table : str, path-like or DataFrame
        A .csv, .tsv, .tab or .txt file in UTF-8, with commas, semicolons, tabs or bars between its columns; a .parquet
        file where pyarrow is installed; or a DataFrame of pandas or polars. In a file of text, numbers with zeros
        before them, such as 007, are text.
    path : str, default="path"
        Column of the files, or a pattern of several columns, as :meth:`str.format` takes it:
        ``"audio/fold{fold}/{file}"``, ``"{name}.mp3"``, ``"{track_id:06d}.mp3"``.
    target : str, list of str or None, default="label"
        Column of classes (text, integers, booleans) or of numbers (floating point); a list of columns of numbers, or
        of 0 and 1. None for clips without labels.
    root : str, path-like or None, default=None
        Folder that relative paths begin in. None is the folder of the table, or the working directory for a DataFrame.
    groups : str or None, default=None
        Column of the recording, speaker or artist that a clip belongs to, for splitters that keep groups together. None
        makes each file a separate group.
    fold : str or None, default=None
        Column of the fold that a clip is tested in, such as 1 to 5 or "train" and "test". -1 is never tested, as in
        :class:`~sklearn.model_selection.PredefinedSplit`.
    start, end : str or None, default=None
        Columns of seconds, of the part of the file that is the clip. A row without a value begins with the file, or
        ends with it.
    label_sep : str or None, default=None
        What separates the labels of a clip in the column `target`; a row without a value has none of them.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths; of :class:`~sklaudio.Clip` with `start` or `end`), ``target`` (array of shape
        (n_clips,), or (n_clips, n_columns), or 0 and 1 of shape (n_clips, n_labels)), ``target_names`` (list of the
        classes, of the labels, or of the columns of numbers), ``groups`` (array of str), ``fold`` (array, or None),
        ``frame`` (DataFrame, the table), ``DESCR`` (str), ``splits`` (dict of each fold to (train, test), indices into
        ``data``; ``cv=list(splits.values())``; empty without `fold`).

    Raises
    ------
    FileNotFoundError
        If the table or any of the files is missing; all of them are counted, and some named.
    ValueError
        If a column is missing, or has no value where one is needed, or values of several kinds; if a part ends before
        it starts; if a clip is there twice with different labels; or if there is one fold only.

    Warns
    -----
    UserWarning
        If a clip is there twice; if a fold has clips of one class only, or all those of a class; or if clips of one
        group are in several folds.

    Examples
    --------
    >>> meta = load_table("ESC-50/meta/esc50.csv", path="filename", target="category", root="ESC-50/audio",
    ...                   groups="src_file", fold="fold")              # doctest: +SKIP
    >>> cross_val_score(model, meta.data, meta.target, cv=list(meta.splits.values()))        # doctest: +SKIP
    """
    frame, folder = read_table(table)
    if len(frame) == 0:
        raise ValueError("table has no rows. Give it a row for each clip.")
    names = _paths(frame, path)
    files = existing_files(names, folder if root is None else os.fspath(root))
    data = np.array(files) if start is None and end is None else _spans(frame, files, start, end)
    y, target_names = _target(frame, target, label_sep)
    _check_repeats(data, y)
    if return_X_y:
        return data, y
    group_of = np.array(names if groups is None else texts(frame, groups, "groups"))
    folds = None if fold is None else fold_of_each(frame, fold)
    if folds is not None and groups is not None:
        warn_of_divided_groups(folds, group_of, groups)
    return Bunch(
        data=data,
        target=y,
        target_names=target_names,
        groups=group_of,
        fold=folds,
        frame=frame,
        DESCR=_describe(table, data, target_names, group_of),
        splits={} if folds is None else splits_of(folds, y, fold),
    )


def _paths(frame, path):
    """Return the files as the table names them: list of str."""
    if isinstance(path, str) and "{" in path and path not in frame.columns:
        return from_pattern(frame, path, "path")
    return texts(frame, path, "path")


def _spans(frame, files, start, end):
    """Return the parts of files as clips: object array."""
    starts, ends = (
        np.full(len(frame), np.nan) if name is None else seconds(frame, name, parameter)
        for name, parameter in ((start, "start"), (end, "end"))
    )
    check_spans(starts, ends)
    clips = np.empty(len(files), dtype=object)
    limits = ([None if value != value else value for value in values.tolist()] for values in (starts, ends))
    clips[:] = [Clip(*row) for row in zip(files, *limits, strict=True)]
    return clips


def _target(frame, target, label_sep):
    """Return the targets, and the names of their classes, labels or columns."""
    if target is None:
        return None, []
    if label_sep is not None:
        return _indicators(frame, target, label_sep)
    if not isinstance(target, str) and isinstance(target, (list, np.ndarray, pd.Index)):
        columns = [_values(frame, name) for name in target]
        wrong = [name for name, values in zip(target, columns, strict=True) if values.dtype.kind not in "biuf"]
        if wrong or not columns:
            raise ValueError(
                f"target={shortened(list(target))}: several columns must hold numbers, and {shortened(wrong)} do not. "
                "Pass one column of classes."
            )
        return np.column_stack(columns) * 1, list(target)
    values = _values(frame, target)
    return values, [target] if values.dtype.kind == "f" else np.unique(values).tolist()


def _values(frame, name):
    """Return a column of targets: ndarray of text, integers, booleans or finite floats."""
    values = filled(frame, name, "target")
    kind = pd.api.types.infer_dtype(values.astype(object), skipna=False)
    if kind == "string":
        return np.array(values.tolist())
    if kind not in ("integer", "floating", "mixed-integer-float", "boolean"):
        kinds = sorted({type(value).__name__ for value in values})
        raise ValueError(
            f"target: column {name!r} holds values of type {', '.join(kinds)}. Give all rows text, or all numbers; "
            f"frame[{name!r}].astype(str) makes classes of them."
        )
    values = np.array(values.tolist())
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"target: column {name!r} is infinite in {rows_text(np.flatnonzero(~np.isfinite(values)))}.")
    return values


def _indicators(frame, target, label_sep):
    """Return the labels of a column of several as (n_clips, n_labels) of 0 and 1, and their names."""
    if not (isinstance(label_sep, str) and label_sep):
        raise ValueError(f"label_sep={shortened(label_sep)} must be what stands between labels, such as ';'.")
    values = column(frame, target, "target")
    cells = values.mask(is_empty(values), "").astype(str)
    labels = [{label for part in cell.split(label_sep) if (label := part.strip())} for cell in cells.tolist()]
    names = sorted(set().union(*labels))
    if not names:
        raise ValueError(f"target: column {target!r} has no label in any row.")
    place = {name: number for number, name in enumerate(names)}
    indicators = np.zeros((len(labels), len(names)), dtype=np.int64)
    rows = np.repeat(np.arange(len(labels)), [len(row) for row in labels])
    indicators[rows, [place[label] for row in labels for label in row]] = 1
    return indicators, names


def _check_repeats(data, y):
    """Raise an error where one clip has several targets; warn where it is there twice with the same."""
    codes, _ = pd.factorize(data)
    repeated = np.flatnonzero(pd.Series(codes).duplicated())
    if len(repeated) == 0:
        return
    first = pd.Series(np.arange(len(codes))).groupby(codes).first().to_numpy()[codes[repeated]]
    unequal = [] if y is None else np.flatnonzero((y[repeated] != y[first]).reshape(len(repeated), -1).any(axis=1))
    if len(unequal):
        row, before = repeated[unequal[0]], first[unequal[0]]
        raise ValueError(
            f"rows {before} and {row} are the same clip, {shortened(str(data[row]))}, with different targets "
            f"(and {len(unequal) - 1} more). One row is one clip: put its labels into one cell, with "
            "label_sep=, or give its parts start= and end=."
        )
    warnings.warn(
        f"{rows_text(repeated)} repeat{'s' * (len(repeated) == 1)} clips of earlier rows, which may come to be on both "
        "sides of a split. drop_duplicates() of the DataFrame leaves them out.",
        stacklevel=3,
    )


def _describe(table, data, target_names, group_of):
    source = f" of {os.fspath(table)}" if isinstance(table, (str, os.PathLike)) else ""
    names = ", ".join(map(str, target_names[:20])) + ", …" * (len(target_names) > 20)
    return f"{len(data)} clips{source} in {len(np.unique(group_of))} groups; target: {names or 'none'}."
