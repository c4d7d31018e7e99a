"""Files of noise: what is found, and what is said of what is not."""

import numpy as np
import pytest

from sklaudio.augment import BackgroundNoise, ImpulseResponse
from sklaudio.features._content import content_key

SR = 16000


def test_a_folder_is_searched_below_and_hidden_and_other_files_are_left_out(write, tmp_path, tone):
    write("noises/deep/a.WAV", np.full(SR, 0.25))
    (tmp_path / "noises" / "notes.txt").write_text("recorded on a street")
    write("noises/.hidden.wav", np.full(SR, np.nan))
    noise = BackgroundNoise(tmp_path / "noises", snr=0, p=1)(tone, SR, random_state=0) - tone
    assert (noise > 0).all()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("lost.wav", FileNotFoundError, "no file 'lost.wav'"),
        (["lost.wav"], FileNotFoundError, "no file 'lost.wav'"),
        ([], TypeError, "must be a folder, a file, or a list"),
        (3, TypeError, "files_or_folder=3 must be"),
        ([np.zeros(3)], TypeError, "must be a folder"),
    ],
)
@pytest.mark.parametrize("kind", [BackgroundNoise, ImpulseResponse])
def test_what_is_no_file_is_named(kind, given, error, message, tone):
    with pytest.raises(error, match=message):
        kind(given, p=1)(tone, SR, random_state=0)


@pytest.mark.parametrize("kind", [BackgroundNoise, ImpulseResponse])
def test_folders_without_sound_and_broken_files_are_named(kind, tmp_path, tone):
    with pytest.raises(FileNotFoundError, match="has no files of sound in it"):
        kind(str(tmp_path), p=1)(tone, SR, random_state=0)
    (tmp_path / "broken.wav").write_text("no sound")
    with pytest.raises(ValueError, match=r"files_or_folder: .*broken\.wav: this is not an audio file"):
        kind(tmp_path, p=1)(tone, SR, random_state=0)


@pytest.mark.parametrize("kind", [BackgroundNoise, ImpulseResponse])
def test_caches_know_files_by_their_content(kind, write):
    path = write("noises/a.wav")
    before = content_key(kind(path.parent))
    assert content_key(kind(str(path.parent))) == before
    assert content_key(kind([path.rename(path.with_name("b.wav"))])) == before
    write("noises/b.wav", seconds=0.5)
    assert content_key(kind(path.parent)) != before
