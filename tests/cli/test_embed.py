"""``sklaudio embed``: files to rows of numbers."""

import io

import numpy as np
import pandas as pd
import pytest

from sklaudio import EncoderTransformer, cli


@pytest.fixture
def model():
    """A net that comes with the package."""
    return "digits"


@pytest.fixture
def embed(model, capsysbinary):
    """Run the command with that net as encoder; its exit code, output and errors."""

    def run(*arguments):
        code = cli.main(["embed", *map(str, arguments), "--encoder", model])
        done = capsysbinary.readouterr()
        return code, done.out, done.err.decode()

    return run


@pytest.fixture
def files(tone_files):
    return tone_files[0][:3]


def test_a_row_for_each_file(embed, files, model):
    code, out, _ = embed(*files, "--csv")
    table = pd.read_csv(io.BytesIO(out))
    assert code == 0
    assert table["path"].tolist() == files
    frames = EncoderTransformer(model).fit_transform(files)
    expected = [np.concatenate([clip.mean(axis=0), clip.std(axis=0), clip.max(axis=0)]) for clip in frames]
    np.testing.assert_allclose(table.iloc[:, 1:], expected, rtol=1e-4, atol=1e-6)
    assert list(table.columns[1:3]) == ["embedding0_mean", "embedding1_mean"]


def test_a_row_for_each_frame(embed, files, model):
    code, out, _ = embed(*files, "--frames", "--hop", 0.1, "--window", 0.2)
    table = pd.read_csv(io.BytesIO(out))
    assert code == 0
    frames = EncoderTransformer(model, window=0.2, hop=0.1).fit_transform(files)
    np.testing.assert_allclose(table.iloc[:, 2:], np.concatenate(list(frames)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(table["time"][:2], [0, 0.1])


def test_arrays_of_numpy(embed, files, tmp_path):
    assert embed(*files, "--npz", "-o", tmp_path / "table")[0] == 0
    arrays = np.load(tmp_path / "table")
    assert arrays["path"].tolist() == files
    assert arrays["embedding"].shape == (3, len(arrays["names"]))
    assert arrays["embedding"].dtype == np.float32
    piped = np.load(io.BytesIO(embed(*files, "--npz")[1]))
    np.testing.assert_array_equal(piped["embedding"], arrays["embedding"])


def test_parquet(embed, files, tmp_path):
    pytest.importorskip("pyarrow", reason="installed by the extra `test`")
    assert embed(*files, "--parquet", "-o", tmp_path / "table.parquet")[0] == 0
    assert pd.read_parquet(tmp_path / "table.parquet")["path"].tolist() == files


def test_files_that_cannot_be_read_are_named(embed, files, tmp_path):
    (tmp_path / "no sound.wav").write_text("text")
    code, out, error = embed(files[0], tmp_path / "no sound.wav", files[1])
    assert code == 1
    assert pd.read_csv(io.BytesIO(out))["path"].tolist() == files[:2]
    assert "no sound.wav" in error


def test_an_absent_encoder_says_how_to_get_it(files, capsys):
    assert cli.main(["embed", files[0], "--encoder", "musicnn-msd"]) == 1
    assert "not installed. Get it: sklaudio.encoders.fetch('musicnn-msd')" in capsys.readouterr().err
    assert cli.main(["embed", files[0], "--encoder", "sound"]) == 1
    assert "is neither one of" in capsys.readouterr().err
