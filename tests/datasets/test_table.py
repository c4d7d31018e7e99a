"""Tables with a row per clip: the layouts of published sets, and what is wrong in tables."""

import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.pipeline import make_pipeline

import sklaudio.audio
from sklaudio import FrameSummary, MFCCTransformer
from sklaudio.datasets import load_table

SR = 8000
PITCH = {"dog": 300, "rain": 1000, "siren": 2500}  # Hz
needs_clip = pytest.mark.skipif(not hasattr(sklaudio.audio, "Clip"), reason="Clip(path, start, end) is not there yet")


def write_sound(path, label="dog", seconds=0.1):
    path.parent.mkdir(parents=True, exist_ok=True)
    time_axis = np.arange(int(seconds * SR)) / SR
    pitch = PITCH.get(label, 500)
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * pitch * time_axis) + 1e-3 * np.cos(len(str(path)) * time_axis), SR)


@pytest.fixture
def folder(tmp_path):
    """Six files, a.wav to f.wav, in "audio"."""
    for name in "abcdef":
        write_sound(tmp_path / "audio" / f"{name}.wav")
    return tmp_path


def table_of(folder, **columns):
    """A DataFrame of the six files."""
    defaults = {
        "path": [str(folder / "audio" / f"{name}.wav") for name in "abcdef"],
        "label": ["dog", "rain", "dog", "rain", "dog", "rain"],
    }
    return pd.DataFrame({**defaults, **columns})


def written(folder, text, name="meta.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


# The layouts of published sets


def test_esc50(tmp_path):
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    for fold in (1, 2, 3):
        for number, label in enumerate(PITCH):
            name = f"{fold}-{fold}00{number}-A-{number}.wav"
            write_sound(tmp_path / "audio" / name, label)
            rows.append(f"{name},{fold},{number},{label},True,{fold}00{number},A")
    (tmp_path / "meta").mkdir()
    meta = written(tmp_path / "meta", "\n".join(rows), "esc50.csv")
    columns = {"path": "filename", "groups": "src_file", "fold": "fold", "root": tmp_path / "audio"}
    esc = load_table(meta, target="category", **columns)
    assert esc.data[0] == str(tmp_path / "audio" / "1-1000-A-0.wav")
    assert esc.target_names == ["dog", "rain", "siren"]
    assert esc.groups[:2].tolist() == ["1000", "1001"]
    assert esc.frame.columns[-1] == "take"
    assert "9 clips" in esc.DESCR
    model = make_pipeline(MFCCTransformer(sr=SR), FrameSummary(), LogisticRegression())
    assert cross_val_score(model, esc.data, esc.target, cv=list(esc.splits.values())).tolist() == [1, 1, 1]
    assert cross_val_score(model, esc.data, esc.target, cv=PredefinedSplit(esc.fold)).tolist() == [1, 1, 1]
    numbers = load_table(meta, target="target", **columns)
    assert (numbers.target.dtype.kind, numbers.target_names) == ("i", [0, 1, 2])


def test_urbansound8k(tmp_path):
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for fold in (1, 10):
        for number, label in enumerate(["dog_bark", "siren"]):
            write_sound(tmp_path / "audio" / f"fold{fold}" / f"{fold}0{number}-3-0-0.wav")
            rows.append(f"{fold}0{number}-3-0-0.wav,{fold}0{number},0.0,0.317551,1,{fold},{number},{label}")
    (tmp_path / "metadata").mkdir()
    meta = written(tmp_path / "metadata", "\n".join(rows), "UrbanSound8K.csv")
    pattern = "audio/fold{fold}/{slice_file_name}"
    urban = load_table(meta, path=pattern, target="class", root=tmp_path, groups="fsID", fold="fold")
    assert urban.data[2] == str(tmp_path / "audio/fold10/1000-3-0-0.wav")
    assert list(urban.splits) == [1, 10]
    assert [part.tolist() for part in urban.splits[10]] == [[0, 1], [2, 3]]


def test_fma(tmp_path):
    """tracks.csv has three lines of header; what its guide says makes a flat table of it."""
    header = [",track,track,artist,set,set", ",genre_top,title,id,split,subset", "track_id,,,,,"]
    rows = ['2,Hip-Hop,"Food, and more",1,training,small', "5,Rock,x,1,test,large", "140,Folk,y,54,test,small"]
    rows.append("141,Hip-Hop,z,60,test,small")
    rows.append("1482,Folk,z,61,training,small")
    tracks = pd.read_csv(written(tmp_path, "\n".join(header + rows), "tracks.csv"), index_col=0, header=[0, 1])
    small = tracks[tracks["set", "subset"] == "small"]
    flat = pd.DataFrame(
        {
            "path": [f"{track // 1000:03d}/{track:06d}.mp3" for track in small.index],
            "genre": small["track", "genre_top"],
            "artist": small["artist", "id"],
            "split": small["set", "split"],
        }
    )
    for path in flat["path"]:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    fma = load_table(flat, target="genre", root=tmp_path, groups="artist", fold="split")
    assert Path(fma.data[3]) == tmp_path / "001" / "001482.mp3"
    assert fma.groups.tolist() == ["1", "54", "60", "61"]
    train, test = fma.splits["test"]
    assert (train.tolist(), test.tolist()) == ([0, 3], [1, 2])


def test_common_voice(tmp_path):
    rows = ["client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccents"]
    for number, sentence in enumerate(['"Yes," he said.', 'She said "no', "It was, so.", "He came"]):
        write_sound(tmp_path / "clips" / f"common_voice_en_{number}.mp3.wav")
        gender = ["male", "female"][number % 2]
        rows.append(f"voice{number}\tcommon_voice_en_{number}.mp3\t{sentence}\t2\t0\t\t{gender}\t")
    meta = written(tmp_path, "\n".join(rows) + "\n", "validated.tsv")
    voices = load_table(meta, path="{path}.wav", target="gender", groups="client_id", root=tmp_path / "clips")
    assert voices.target.tolist() == ["male", "female", "male", "female"]
    assert voices.frame["sentence"].iloc[1] == 'She said "no'
    assert voices.groups[3] == "voice3"


# Tables of every form


def test_bunch_and_rows_in_order(folder):
    frame = table_of(folder)[::-1]
    bunch = load_table(frame)
    assert bunch.data.tolist() == frame["path"].tolist()
    assert bunch.target.tolist() == ["rain", "dog"] * 3
    assert bunch.frame is frame
    assert bunch.splits == {}
    assert bunch.fold is None
    assert bunch.groups.tolist() == frame["path"].tolist()
    X, y = load_table(frame, return_X_y=True)
    assert (X.tolist(), y.tolist()) == (bunch.data.tolist(), bunch.target.tolist())
    assert load_table(frame, target=None).target is None


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_and_byte_order_marks(separator, encoding, folder):
    lines = [("path", "label", "näme"), ("audio/a.wav", "dog", "Müller, A."), ("audio/b.wav", "rain", "x")]
    text = "\r\n".join(separator.join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines)
    bunch = load_table(written(folder, text, encoding=encoding))
    assert bunch.frame.columns.tolist() == ["path", "label", "näme"]
    assert bunch.frame["näme"].tolist() == ["Müller, A.", "x"]
    assert bunch.data.tolist() == [str(folder / "audio" / "a.wav"), str(folder / "audio" / "b.wav")]


def test_quoted_commas_in_names_of_files(folder):
    write_sound(folder / "one, two.wav")
    bunch = load_table(written(folder, 'path,label\n"one, two.wav",dog\naudio/a.wav,"rain, heavy"\n'))
    assert Path(bunch.data[0]).name == "one, two.wav"
    assert bunch.target.tolist() == ["dog", "rain, heavy"]
    with pytest.raises(ValueError, match=r"meta.csv: the rows do not fit the header .* in quotes"):
        load_table(written(folder, "path,label\none, two.wav,dog\naudio/a.wav,dog\n"))


def test_numbers_with_zeros_before_them_are_names(folder):
    text = "file , speaker, label,take\n000123,007,01,1\n000124,012,02,2\n"
    for name in ("000123", "000124"):
        write_sound(folder / f"{name}.wav")
    bunch = load_table(written(folder, text), path="{file}.wav", groups="speaker")
    assert Path(bunch.data[0]).name == "000123.wav"
    assert bunch.groups.tolist() == ["007", "012"]
    assert bunch.target_names == ["01", "02"]
    assert bunch.frame["take"].tolist() == [1, 2]


def test_paths_of_windows(folder):
    bunch = load_table(written(folder, "path,label\naudio\\a.wav,dog\n.\\audio\\b.wav,rain\n"))
    assert all(Path(path).exists() for path in bunch.data)


def test_classes_that_pandas_takes_for_missing(folder):
    assert load_table(table_of(folder, label=["None", "NA", "null"] * 2)).target_names == ["NA", "None", "null"]
    bunch = load_table(written(folder, "path,label\naudio/a.wav,None\naudio/b.wav,null\n"))
    assert bunch.target.tolist() == ["None", "null"]


def test_polars(folder):
    polars = pytest.importorskip("polars")
    columns = {name: values.tolist() for name, values in table_of(folder, number=range(6)).items()}
    bunch = load_table(polars.DataFrame(columns), target="number")
    assert bunch.target.tolist() == [0, 1, 2, 3, 4, 5]
    assert isinstance(bunch.frame, pd.DataFrame)


def test_parquet(folder):
    pytest.importorskip("pyarrow", reason="installed by the extra `test`")
    polars = pytest.importorskip("polars")
    frame = table_of(folder, speaker=list("xxyyzz"), fold=[1, 1, 2, 2, 3, 3], start=[0.5, None] * 3)
    frame.to_parquet(folder / "meta.parquet")
    columns = {"groups": "speaker", "fold": "fold", "start": "start"}
    expected, found = load_table(frame, root=folder, **columns), load_table(folder / "meta.parquet", **columns)
    for name in ("data", "target", "groups", "fold"):
        assert found[name].tolist() == expected[name].tolist()
    columns = {"path": ["audio/a.wav", "audio/b.wav"], "label": [0.5, 1.0]}
    polars.DataFrame(columns).write_parquet(folder / "numbers.pq")
    assert load_table(folder / "numbers.pq").target.tolist() == [0.5, 1.0]


def test_parquet_where_nothing_reads_it(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "fastparquet", None)
    (folder / "meta.parquet").touch()
    with pytest.raises(ImportError, match=r"meta.parquet: reading Parquet takes pyarrow.*pip install pyarrow"):
        load_table(folder / "meta.parquet")


def test_paths_of_pathlib_and_a_root(folder):
    frame = table_of(folder, path=[Path(f"{name}.wav") for name in "abcdef"])
    assert load_table(frame, root=folder / "audio").data[0] == str(folder / "audio" / "a.wav")


# Targets


def test_numbers_and_several_columns(folder):
    frame = table_of(folder, valence=np.linspace(-1, 1, 6), arousal=range(6), dog=[0, 1] * 3, rain=[True, False] * 3)
    bunch = load_table(frame, target="valence")
    assert (bunch.target.dtype, bunch.target_names) == (np.float64, ["valence"])
    both = load_table(frame, target=["valence", "arousal"])
    np.testing.assert_allclose(both.target, frame[["valence", "arousal"]])
    assert both.target_names == ["valence", "arousal"]
    indicators = load_table(frame, target=["dog", "rain"]).target
    assert (indicators.dtype.kind, indicators[0].tolist()) == ("i", [0, 1])
    assert load_table(frame, target="rain").target_names == [False, True]
    with pytest.raises(ValueError, match="label_sep='' must be"):
        load_table(frame, label_sep="")
    with pytest.raises(ValueError, match=r"several columns must hold numbers, and \['label'\] do not"):
        load_table(frame, target=["valence", "label"])


def test_several_labels_in_a_cell(folder):
    frame = table_of(folder, label=["dog; rain", "rain", None, "rain;;", "", "siren;dog;dog"])
    bunch = load_table(frame, label_sep=";")
    assert bunch.target_names == ["dog", "rain", "siren"]
    assert bunch.target.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1]]


def test_categories_are_classes(folder):
    frame = table_of(folder).astype({"label": "category"})
    assert load_table(frame).target_names == ["dog", "rain"]


# Folds


def test_minus_one_is_never_tested(folder):
    bunch = load_table(table_of(folder, fold=[0, 0, 1, 1, -1, -1]), fold="fold")
    assert list(bunch.splits) == [0, 1]
    assert bunch.splits[0][0].tolist() == [2, 3, 4, 5]
    assert len(list(PredefinedSplit(bunch.fold).split())) == 2
    DummyClassifier().fit(bunch.data, bunch.target)


def test_a_fold_of_one_class_is_told(folder):
    with pytest.warns(UserWarning, match="fold 2 has clips of one class only, dog"):
        load_table(
            table_of(folder, fold=[1, 1, 2, 3, 2, 3], label=["dog", "rain", "dog", "rain", "dog", "dog"]), fold="fold"
        )
    frame = table_of(folder, fold=[1, 1, 2, 2, 2, 2], label=["dog", "siren", "dog", "rain", "dog", "rain"])
    with pytest.warns(UserWarning, match=r"fold (1 has all clips of siren|2 has all clips of rain)") as caught:
        load_table(frame, fold="fold")
    assert [Path(warning.filename).name for warning in caught] == ["test_table.py"] * 2


def test_groups_that_folds_divide_are_told(folder):
    frame = table_of(folder, fold=[1, 1, 1, 2, 2, 2], speaker=["x", "x", "y", "x", "z", "z"])
    with pytest.warns(UserWarning, match=r"column 'speaker': 1 of its groups are in several folds \(x\)"):
        load_table(frame, fold="fold", groups="speaker")


# Parts of recordings


@needs_clip
def test_parts_are_clips(folder):
    from sklaudio.audio import Clip

    recording = str(folder / "audio" / "a.wav")
    frame = pd.DataFrame({"path": recording, "on": [0, 0.05, None], "off": [0.05, None, 0.1], "label": ["x", "y", "x"]})
    bunch = load_table(frame, start="on", end="off")
    assert bunch.data.tolist() == [Clip(recording, 0, 0.05), Clip(recording, 0.05, None), Clip(recording, None, 0.1)]
    assert set(bunch.groups) == {recording}
    assert MFCCTransformer(sr=SR, n_fft=256, hop_length=128).fit_transform(bunch.data)[0].shape[1] == 13
    assert load_table(frame[:2], end="off").data[0] == Clip(recording, None, 0.05)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ([0, 5, 0, 7, 0, 0], [1, 2, 1, 7, 1, 1], r"end is not after start in 2 rows \(1, 3\): 5 to 2 s"),
        ([0, -5, 0, 0, 0, 0], [1] * 6, "start is -5 s in row 1"),
        ([0] * 6, [1, 1, np.inf, 1, 1, 1], "end is inf s in row 2"),
        ([None] * 6, [1, 1, 0, 1, 1, 1], "end is not after start in row 2"),
        ([0, "x", 0, 0, 0, 0], [1] * 6, "start: column 'start' must hold seconds"),
    ],
)
def test_parts_that_are_none(start, end, words, folder, monkeypatch):
    monkeypatch.setattr(sklaudio.audio, "Clip", tuple, raising=False)
    with pytest.raises(ValueError, match=words):
        load_table(table_of(folder, start=start, end=end), start="start", end="end")


# What is wrong in tables


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"path": "file"}, r"path='file': the table has no such column. It has path, label, n\. Pass path="),
        ({"target": "class"}, "target='class': .* It has path, label, n"),
        ({"groups": "speaker"}, "groups='speaker': .* It has"),
        ({"fold": "split"}, "fold='split': .* It has"),
        ({"start": "onset"}, "start='onset': .* It has"),
        ({"path": "{folder}/{file}"}, "path='folder': .* It has"),
        ({"path": "{n:q}"}, "path='{n:q}' does not fit its columns"),
        ({"path": "{n"}, "path='{n' is no pattern of columns"),
        ({"path": "{{n}}"}, "names no column"),
    ],
)
def test_missing_columns(columns, words, folder, monkeypatch):
    monkeypatch.setattr(sklaudio.audio, "Clip", tuple, raising=False)
    with pytest.raises(ValueError, match=words):
        load_table(table_of(folder, n=range(6)), **columns)


@pytest.mark.parametrize("empty", [None, np.nan, ""])
@pytest.mark.parametrize(
    ("name", "parameter"), [("path", "path"), ("label", "target"), ("speaker", "groups"), ("fold", "fold")]
)
def test_missing_values(name, parameter, empty, folder):
    frame = table_of(folder, fold=["1", "2"] * 3, speaker=list("abcdef"))
    frame.loc[[1, 4], name] = empty
    with pytest.raises(ValueError, match=rf"{parameter}: column '{name}' has no value in 2 rows \(1, 4\) of 6"):
        load_table(frame, groups="speaker", fold="fold")


def test_missing_values_of_numbers(folder):
    with pytest.raises(ValueError, match="target: column 'label' has no value in row 2 of 6"):
        load_table(table_of(folder, label=[0.0, 1, np.nan, 1, 0, 1]))
    with pytest.raises(ValueError, match="column 'label' is infinite in row 2"):
        load_table(table_of(folder, label=[0.0, 1, np.inf, 1, 0, 1]))


def test_repeated_rows(folder):
    frame = table_of(folder)
    with pytest.warns(UserWarning, match=r"2 rows \(6, 7\) repeat clips of earlier rows") as caught:
        bunch = load_table(pd.concat([frame, frame[:2]]))
    assert len(bunch.data) == 8
    assert Path(caught[0].filename).name == "test_table.py"
    wrong = pd.concat([frame, frame[:2].assign(label=["dog", "siren"])])
    with pytest.raises(ValueError, match=r"rows 1 and 7 are the same clip, '.*b.wav', with different targets"):
        load_table(wrong)


def test_values_of_several_types(folder):
    with pytest.raises(ValueError, match=r"target: column 'label' holds values of type int, str.*astype\(str\)"):
        load_table(table_of(folder, label=["dog", 1, 2, "rain", 1, 2]))
    with pytest.raises(ValueError, match="values of type Timestamp"):
        load_table(table_of(folder, label=pd.Timestamp("2020-01-01")))
    bunch = load_table(written(folder, "path,label\naudio/a.wav,1\naudio/b.wav,dog\n"))
    assert bunch.target.tolist() == ["1", "dog"]


def test_one_fold(folder):
    with pytest.raises(ValueError, match="fold: column 'fold' is 3 in all rows"):
        load_table(table_of(folder, fold=3), fold="fold")


def test_missing_files_are_counted_and_some_named(folder):
    names = [f"x{number}.wav" for number in range(30)]
    frame = pd.DataFrame({"path": ["a.wav", *names, "x1.wav"], "label": "dog"})
    with pytest.raises(FileNotFoundError) as caught:
        load_table(frame, root=folder / "audio")
    text = str(caught.value)
    assert text.startswith("30 of 31 files are missing: ")
    assert all(f"{name}" in text for name in names[:5])
    assert "x5.wav" not in text
    assert "root=" in text
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        load_table(frame, root=folder / "nowhere")
    with pytest.raises(FileNotFoundError, match=r'path="\{path\}.wav"'):
        load_table(pd.DataFrame({"path": ["a", "b"], "label": "dog"}), root=folder / "audio")


def test_files_that_are_no_tables(folder):
    with pytest.raises(FileNotFoundError, match=r"nowhere.csv: there is no such file"):
        load_table(folder / "nowhere.csv")
    with pytest.raises(IsADirectoryError, match="load_folder"):
        load_table(folder)
    with pytest.raises(ValueError, match=r"a.wav: a table is a file of .csv"):
        load_table(folder / "audio" / "a.wav")
    with pytest.raises(ValueError, match=r"meta.csv: the table is empty"):
        load_table(written(folder, ""))
    with pytest.raises(ValueError, match="no rows"):
        load_table(written(folder, "path,label\n"))
    with pytest.raises(ValueError, match=r"meta.csv: this is not UTF-8 .* Save it as UTF-8"):
        load_table(written(folder, "path,label\naudio/ä.wav,x\n", encoding="latin-1"))
    with pytest.raises(TypeError, match="table=5 is int"):
        load_table(5)
    frame = table_of(folder)
    with pytest.raises(ValueError, match="several columns of this name"):
        load_table(pd.concat([frame, frame[["label"]]], axis=1))


def test_no_warning_of_a_table_that_is_right(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_table(table_of(folder, fold=[1, 1, 2, 2, 3, 3]), fold="fold")


def test_many_rows_take_no_time(tmp_path):
    """100,000 rows of 2,000 files: less than the time for a file system to be asked for each; and splits of them."""
    for number in range(2000):
        (tmp_path / f"{number:06d}.wav").touch()
    number = np.arange(100_000)
    frame = pd.DataFrame(
        {
            "path": [f"{n % 2000:06d}.wav" for n in number.tolist()],
            "label": np.where(number % 2000 % 3, "dog", "rain"),
            "fold": number % 2000 // 3 % 5,
            "speaker": number % 2000 // 3 % 50,
        }
    )
    frame.to_csv(tmp_path / "meta.csv", index=False)
    began = time.process_time()  # others may be at work on this machine
    with pytest.warns(UserWarning, match="98000 rows"):
        bunch = load_table(tmp_path / "meta.csv", groups="speaker", fold="fold")
    assert time.process_time() - began < 3
    assert len(bunch.data) == 100_000
    began = time.process_time()
    assert len(cross_val_score(DummyClassifier(), bunch.data, bunch.target, cv=list(bunch.splits.values()))) == 5
    assert time.process_time() - began < 1
