"""Bars, and lines that are printed while they are drawn."""

import time

from sklaudio._utils import progress as bars

from ..terminal import stderr_at_terminal


def test_a_line_is_above_the_bar(monkeypatch):
    monkeypatch.setitem(bars.SETTINGS, "delay", 0)
    with stderr_at_terminal(monkeypatch) as seen:
        for number in bars.progress(range(3), total=3, unit="file", desc="reading"):
            time.sleep(0.11)  # or tqdm draws nothing new
            if number == 1:
                bars.print_above("a line")
    text = "".join(seen)
    assert "reading:  33%" in text
    assert "\ra line\n" in text  # where the bar was
    assert text.index("a line") < text.index("reading:  67%")


def test_nothing_is_drawn_where_nobody_is_watching(capsys):
    assert list(bars.progress(range(3), total=3, unit="file", desc="reading")) == [0, 1, 2]
    bars.print_above("a line")
    assert capsys.readouterr().err == "a line\n"
