"""Numbers over time of rated songs: half seconds that two tables have for each song."""

import numpy as np
import pytest

from sklaudio.datasets._rated_songs import artists, read_over_time


def tables(folder, valence, arousal):
    for name, text in (("valence.csv", valence), ("arousal.csv", arousal)):
        (folder / name).write_text(text)
    return [folder / "valence.csv", folder / "arousal.csv"]


def test_each_song_has_the_half_seconds_that_both_tables_have(tmp_path):
    found = tables(
        tmp_path,
        "song_id,sample_15000ms,sample_15500ms,sample_16000ms\n2,0.1,0.2,0.3\n7,,0.5,0.6\n9,,,\n",
        "song_id, sample_15000ms, sample_15500ms, sample_16000ms, sample_16500ms\n"
        "7,0.4,-0.5,,-0.7\n2,-0.1,-0.2,,\n9,,,,1\n",
    )
    numbers, start = read_over_time(found, [2, 7, 9], "The set")
    np.testing.assert_array_equal(numbers[0], [[0.1, -0.1], [0.2, -0.2]])
    np.testing.assert_array_equal(numbers[1], [[0.5, -0.5]])
    assert numbers[2].shape == (0, 2)
    np.testing.assert_array_equal(start, [15.0, 15.5, np.nan])


def test_a_number_that_is_missing_between_is_nan(tmp_path):
    header = "song_id,sample_15000ms,sample_15500ms,sample_16000ms\n"
    found = tables(tmp_path, header + "2,0.1,,0.3\n", header + "2,0.1,0.2,0.3\n")
    ([numbers], start) = read_over_time(found, [2], "The set")
    np.testing.assert_array_equal(numbers, [[0.1, 0.1], [np.nan, 0.2], [0.3, 0.3]])
    assert start.tolist() == [15.0]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("song,sample_15000ms", r"valence\.csv: this is not the table of The set, it has no column 'song_id'"),
        ("song_id,15000", r"valence\.csv: .* no column such as 'sample_15000ms'"),
        ("song_id,sample_15000ms,sample_15100ms", r"valence\.csv: the columns are not 0\.5 s apart"),
    ],
)
def test_another_table_is_named(header, words, tmp_path):
    found = tables(tmp_path, f"{header}\n2,0.1\n", "song_id,sample_15000ms\n2,0.1\n")
    with pytest.raises(ValueError, match=words):
        read_over_time(found, [2], "The set")


def test_artists_are_the_same_however_they_are_written():
    assert artists(["The  Kyoto\tConnection ", "the kyoto connection", "", "N/A"], [2, 3, 4, 5]) == [
        "the kyoto connection", "the kyoto connection", "song 4", "n/a",
    ]  # fmt: skip
