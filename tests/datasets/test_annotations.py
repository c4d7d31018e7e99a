"""Label tracks of Audacity, selection tables of Raven, tables of events."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sklaudio import merge_timeline, timeline_to_audacity
from sklaudio.datasets import load_annotations

SR = 1000
RAVEN = """Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation
1\tWaveform 1\t1\t0.5\t1.25\t\t\trobin
1\tSpectrogram 1\t1\t0.5\t1.25\t1200.5\t3000\trobin
2\tSpectrogram 1\t1\t3\t4\t100\t200\t
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("dawn.wav", "dusk.FLAC"):
        soundfile.write(tmp_path / name, np.zeros(10 * SR), SR)
    return tmp_path


def written(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_audacity(folder):
    path = written(folder / "dawn.txt", "0.500000\t1.250000\trobin\n3\t3\ta point\r\n\n4,5\t6\t\n")
    spans = load_annotations(path)
    assert spans.columns.tolist() == ["path", "start", "end", "label", "low", "high"]
    assert spans["start"].tolist() == [0.5, 3, 4.5]
    assert spans["end"].tolist() == [1.25, 3, 6]
    assert spans["label"].tolist() == ["robin", "a point", ""]
    assert set(spans["path"]) == {str(folder / "dawn.wav")}
    assert spans[["low", "high"]].isna().all(axis=None)


def test_audacity_with_frequencies(folder):
    text = "0.5\t1.25\trobin\n\\\t1200.500000\t3000.000000\n3\t4\twren\n\\\t-1.000000\t2000\n5\t6\tfox\n"
    spans = load_annotations(written(folder / "dusk.txt", text))
    np.testing.assert_array_equal(spans["low"], [1200.5, np.nan, np.nan])
    np.testing.assert_array_equal(spans["high"], [3000, 2000, np.nan])
    assert spans["path"][0] == str(folder / "dusk.FLAC")


def test_what_timelines_write_is_read_as_it_was(folder):
    timeline = pd.DataFrame({"start": [0.0, 1, 2, 6], "end": [3.0, 4, 5, 7.125], "label": ["a b", "a b", "c", "a b"]})
    spans = load_annotations(written(folder / "dawn.txt", timeline_to_audacity(timeline)))
    expected = merge_timeline(timeline)
    pd.testing.assert_frame_equal(spans[["start", "end", "label"]], expected, check_dtype=False)


def test_raven(folder):
    spans = load_annotations(written(folder / "dawn.Table.1.selections.txt", RAVEN))
    assert spans["start"].tolist() == [0.5, 3]
    assert spans["low"].tolist() == [1200.5, 100]
    assert spans["label"].tolist() == ["robin", ""]
    assert spans["path"][0] == str(folder / "dawn.wav")


def test_raven_with_the_name_of_the_file(folder):
    text = "Selection\tBegin Time (s)\tEnd Time (s)\tBegin File\tFile Offset (s)\tSpecies\n"
    text += "1\t1\t2\tdawn.wav\t1\trobin\n2\t13\t14.5\tdusk.FLAC\t3\twren\n"
    spans = load_annotations(written(folder / "all.txt", text))
    assert [Path(path).name for path in spans["path"]] == ["dawn.wav", "dusk.FLAC"]
    assert spans[["start", "end"]].to_numpy().tolist() == [[1, 2], [3, 4.5]]


@pytest.mark.parametrize(
    "text",
    [
        "filename\tonset\toffset\tevent_label\ndawn.wav\t0.5\t1\trobin\ndusk.FLAC\t2\t3\twren\n",
        "start,end,label,file\n0.5,1,robin,dawn.wav\n2,3,wren,dusk.FLAC\n",
        "dawn.wav;0.5;1;robin\ndusk.FLAC;2;3;wren\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_events(text, encoding, folder):
    spans = load_annotations(written(folder / "events.csv", text, encoding))
    assert [Path(path).name for path in spans["path"]] == ["dawn.wav", "dusk.FLAC"]
    assert spans[["start", "end"]].to_numpy().tolist() == [[0.5, 1], [2, 3]]
    assert spans["label"].tolist() == ["robin", "wren"]


def test_parquet_is_read_as_the_same_table_of_text(folder):
    pytest.importorskip("pyarrow")
    table = pd.DataFrame({"filename": ["dawn.wav"] * 2, "onset": [1, 2.5], "offset": [2, 3], "event_label": ["a", "b"]})
    table.to_parquet(folder / "x.parquet")
    table.to_csv(folder / "x.csv", index=False)
    pd.testing.assert_frame_equal(*(load_annotations(folder / f"x.{kind}") for kind in ("parquet", "csv")))
    table.drop(columns="offset").to_parquet(folder / "x.parquet")
    with pytest.raises(ValueError, match=r"x.parquet: there is no column of the end"):
        load_annotations(folder / "x.parquet")


def test_a_table_of_one_recording(folder):
    for text in ("onset,offset,label\n0.5,1,robin\n", "0.5,1,robin\n"):
        spans = load_annotations(written(folder / "dawn.csv", text))
        assert spans.iloc[0, :4].tolist() == [str(folder / "dawn.wav"), 0.5, 1, "robin"]


def test_patterns_and_a_folder_of_recordings(folder):
    (folder / "labels").mkdir()
    written(folder / "labels" / "dusk.txt", "")
    written(folder / "labels" / "dawn.wav.txt", "1\t2\trobin\n")
    spans = load_annotations(folder / "labels" / "*.txt", root=folder)
    assert spans["path"].tolist() == [str(folder / "dawn.wav")]
    assert spans.attrs["recordings"] == [str(folder / "dawn.wav"), str(folder / "dusk.FLAC")]
    with pytest.raises(FileNotFoundError, match=r"2 files of annotations have no recording.*dawn.wav.txt.*root="):
        load_annotations(folder / "labels" / "*.txt")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2\t1\tx\n", r"dawn.txt: end is not after start in row 0: 2 to 1 s"),
        ("-2\t1\tx\n", "start is -2 s in row 0"),
        ("1\t2\tx\n1\tx\n", "line 2, .*, is not start, end and label"),
        ("\\\t2\t3\n", "column 'start' must hold seconds"),
        ("onset,label\n1,x\n", r"no column of the end \(such as end, offset, end_time\) among onset, label"),
        ("onset,offset,label\n1,,x\n", "column 'offset' has no value in row 0"),
        ("onset,offset,label\n1,soon,x\n", "must hold seconds"),
        ("1,2\n", "no names of columns, and 2 columns"),
    ],
)
def test_what_is_wrong_is_named(text, words, folder):
    with pytest.raises(ValueError, match=words):
        load_annotations(written(folder / "dawn.txt", text))


def test_wrong_parameters(folder):
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_annotations(folder / "*.labels")
    with pytest.raises(ValueError, match="format='praat' is not known"):
        load_annotations(written(folder / "dawn.txt", "1\t2\tx\n"), format="praat")
    with pytest.raises(ValueError, match="no column of the start"):
        load_annotations(written(folder / "dawn.txt", "a\tb\n1\t2\n"), format="raven")
    with pytest.raises(FileNotFoundError, match=r"1 of 1 files are missing: '.*gone.wav'"):
        load_annotations(written(folder / "x.csv", "path,start,end,label\ngone.wav,1,2,x\n"))
