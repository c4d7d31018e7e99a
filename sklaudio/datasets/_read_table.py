"""Read a table: CSV with any separator, TSV, Parquet, or a table in memory."""

import csv
import os
import warnings

import pandas as pd

from .._utils.terminal import abbreviated, shortened

TEXT = (".csv", ".tsv", ".tab", ".txt")
PARQUET = (".parquet", ".pq")
SEPARATORS = (",", ";", "\t", "|")
MISSING = ["", "NaN", "nan", "<NA>", "#N/A"]  # None, null and NA may be classes


def read_table(table):
    """Read a table.

    Parameters
    ----------
    table : str, path-like or DataFrame
        A file of text, whose separator and byte order mark are found out, or of Parquet; or a DataFrame of pandas, or
        of what has ``to_pandas()``.

    Returns
    -------
    DataFrame
        That of pandas, as it is.
    str
        Folder of the file; "" of a table in memory.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If there is no such file.
    ImportError
        If nothing that reads Parquet is installed.
    TypeError, ValueError
        If it is no table, or a damaged one.
    """
    if isinstance(table, pd.DataFrame):
        return table, ""
    if hasattr(table, "to_pandas"):
        return _as_pandas(table), ""
    if not isinstance(table, (str, os.PathLike)):
        raise TypeError(f"table={shortened(table)} is {type(table).__name__}. Pass the path of a file or a DataFrame.")
    path = os.fspath(table)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{abbreviated(path)}: there is no such file. Check the path of the table.")
    if os.path.isdir(path):
        raise IsADirectoryError(
            f"{path}: this is a folder, not a table. load_folder lists one that has a folder a class."
        )
    extension = os.path.splitext(path)[1].lower()
    if extension not in TEXT + PARQUET:
        raise ValueError(
            f"{path}: a table is a file of {', '.join(TEXT + PARQUET)}. Read it with pandas, and pass the DataFrame."
        )
    return (_read_parquet if extension in PARQUET else read_text)(path), os.path.dirname(path)


def _as_pandas(table):
    try:
        return table.to_pandas()
    except ImportError:  # polars needs pyarrow for it
        return pd.DataFrame(table.to_dict(as_series=False))


def _read_parquet(path):
    try:
        return pd.read_parquet(path)
    except ImportError as error:
        raise ImportError(
            f"{path}: reading Parquet takes pyarrow, which is not installed: pip install 'sklaudio[parquet]'. Or save "
            "it as CSV."
        ) from error


def read_text(path, **options):
    """Read a table of text; `options` are those of :func:`pandas.read_csv`.

    Numbers that are written with zeros before them, such as 007, stay text: they are names.
    """
    encoding = encoding_of(path)
    try:
        separator, quoting = _layout(path, encoding)
        options |= {"sep": separator, "quoting": quoting, "encoding": encoding, "index_col": False}
        options |= {"skipinitialspace": True, "low_memory": False, "keep_default_na": False, "na_values": MISSING}
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # cells beyond the last column are no notes
            frame = pd.read_csv(path, **options)
            integers = [name for name in frame.columns if pd.api.types.is_integer_dtype(frame[name])]
            as_written = pd.read_csv(path, **options, usecols=integers, dtype=str) if integers else {}
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: this is not UTF-8 ({error.reason}). Save it as UTF-8.") from error
    except pd.errors.EmptyDataError as error:
        raise ValueError(
            f"{path}: the table is empty. Give it a line of column names, and a row for each clip."
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise ValueError(
            f"{path}: the rows do not fit the header ({' '.join(str(error).split())}). Put cells that hold "
            f"{separator!r} in quotes, and close those."
        ) from error
    for name in integers:
        if as_written[name].str.match(r"-?0\d").any():
            frame[name] = as_written[name]
    return frame.rename(columns=lambda name: name.strip() if isinstance(name, str) else name)


def encoding_of(path):
    """Return the encoding that the first bytes of a text say: that of a byte order mark, else UTF-8."""
    with open(path, "rb") as file:
        head = file.read(2)
    return "utf-16" if head in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _layout(path, encoding):
    """Return the separator that makes most columns of the header, and whether quotes are quotes."""
    with open(path, encoding=encoding, newline="") as file:
        header = file.readline()
        rows = [next(csv.reader([header], delimiter=separator), []) for separator in SEPARATORS]
        separator = max(zip(SEPARATORS, rows, strict=True), key=lambda found: len(found[1]))[0]
        is_plain = separator == "\t" and any(line.count('"') % 2 for line in file)  # sentences with quotes in them
    return separator, csv.QUOTE_NONE if is_plain else csv.QUOTE_MINIMAL
