"""The page of results: sections go to their group, replace their older selves, and leave what is written by hand."""

from pathlib import Path

import pytest

ABOUT = {"data": "ten clips", "versions": {"numpy": "2.0", "torch": "2.13"}}
PAGE = """# Results

By hand.

## Genres

About genres.

### GTZAN, 70 clips

- data: old

```
old
```

## Events

### Events: words

kept
"""


@pytest.fixture
def results_page(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "benchmarks")
    from lib import results_page

    return results_page


def test_a_new_page_has_one_section(results_page, tmp_path):
    path = tmp_path / "page.md"
    results_page.write_section(path, "words", "Speech Commands", ABOUT, "table")
    text = path.read_text()
    assert text.startswith("# Results\n\n## Words\n\n### Speech Commands\n\n- data: ten clips\n")
    assert "\n- versions: numpy 2.0, torch 2.13\n- measured: 20" in text
    assert text.endswith("\n\n```\ntable\n```\n")
    assert not list(tmp_path.glob("*.part"))


def test_a_section_replaces_its_older_self_and_nothing_else(results_page, tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    results_page.write_section(path, "genres", "GTZAN, 70 clips", ABOUT, "new")
    text = path.read_text()
    assert text.count("### GTZAN, 70 clips\n") == 1
    assert "old" not in text
    for kept in ("By hand.", "## Genres\n\nAbout genres.\n\n### GTZAN", "## Events\n\n### Events: words\n\nkept\n"):
        assert kept in text


def test_a_section_moves_to_the_group_that_it_is_written_to(results_page, tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    results_page.write_section(path, "words", "Events: words", ABOUT, "moved")
    text = path.read_text()
    assert text.count("### Events: words\n") == 1
    assert text.index("## Words") < text.index("### Events: words") < text.index("## Genres")


def test_a_page_is_read_as_it_is_written(results_page):
    assert results_page.page(*results_page.read_page(PAGE)) == PAGE
