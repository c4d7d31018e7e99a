"""Every block of code in README.md and docs/ is run, and every public name has its place in the API reference."""

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
from markdown_it import MarkdownIt

import sklaudio
import sklaudio.evaluate
import sklaudio.predict
from sklaudio.cli import COMMANDS, main

from .html_links import lost_links

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if not {"_build", "auto_examples", "api"} & set(page.parts))
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
WRITTEN_BY_BENCHMARKS = {"results.md"}  # tables in fences without a language
RESULTS = {"evaluate": sklaudio.evaluate, "predict": sklaudio.predict}  # modules with classes of what is returned
DIRECTIVES = {"{toctree}", "{figure}", "{command-help}"}
MAX_LINES = 300  # of a page of the guide


class Block(NamedTuple):
    """A block of code: what kind of fence, what is in it, the line where it begins."""

    language: str
    code: str
    line: int


def blocks_of(page):
    """The blocks of a page of Markdown, fenced or indented."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    found = [token for token in tokens if token.type in ("fence", "code_block")]
    return [
        Block(token.info.split()[0] if token.info.strip() else "", token.content, token.map[0] + 1)
        for token in found
        if not (token.info.startswith("{") and token.info.split()[0] in DIRECTIVES)
    ]


@pytest.fixture
def folder(recordings_of_docs, tmp_path, monkeypatch):
    """A working directory of a page's own, with the recordings in it; commands that a page makes end with it."""
    shutil.copytree(recordings_of_docs, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(COMMANDS):
        yield tmp_path


IN_A_SHELL = {DOCS / "guide" / "command_line.md"}  # many processes, one after the other
TRAIN_OR_EXPORT = "compare encoders graph_events labels numbers out_of_python small_devices".split()
SLOW = {*IN_A_SHELL, DOCS / "tutorial.md", *(DOCS / "guide" / f"{name}.md" for name in TRAIN_OR_EXPORT)}


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow) if page in SLOW else page for page in PAGES],
    ids=lambda page: page.relative_to(DOCS).as_posix(),
)
def test_every_block_of_a_page_runs(page, folder):
    run_page(page, folder)


def run_page(page, folder):
    """Run the blocks of a page one after the other; names and files live on from block to block."""
    names = {"__name__": "__main__"}
    for block in blocks_of(page):
        where = f"{page.name}:{block.line}"
        if block.language == "python" and ">>>" in block.code:
            run_examples(block, names, where)
        elif block.language == "python":
            exec(compile("\n" * block.line + block.code, str(page), "exec", dont_inherit=True), names)
        elif block.language == "console":
            run_console(block, folder, where, run=run_in_a_shell if page in IN_A_SHELL else run_here)
        else:
            is_output = block.language == "text" or (block.language == "" and page.name in WRITTEN_BY_BENCHMARKS)
            assert is_output, f"{where}: nothing runs a block of {block.language!r}. Use python, console or text."


def run_examples(block, names, where):
    """Run ``>>>`` examples."""
    assert "+SKIP" not in block.code, f"{where}: an example is skipped. What cannot be run is described in words."
    examples = doctest.DocTestParser().get_doctest(block.code, names, where, where, block.line)
    report = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
    failed = runner.run(examples, out=report.append, clear_globs=False).failed
    names.update(examples.globs)
    assert not failed, "".join(report)


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n3\n```",
        "```python\n>>> 1 + 1  # doctest: +SKIP\n3\n```",
        "```python\nassert False\n```",
        "```bash\ntrue\n```",
        "```{code-block} python\n1\n```",
        "    indented",
        "```\nno language\n```",
        "```console\n$ exit 3\n```",
        "```console\n$ echo one\ntwo\n```",
        "```console\n$ make no-such-target\n```",
        "```console\n$ sklaudio check lost\n```",
        "```console\n$ sklaudio --version\n0.0.0\n```",
    ],
)
def test_blocks_that_are_wrong_or_not_run_are_named(text, tmp_path):
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError):
        run_page(tmp_path / "page.md", tmp_path)


class NotRun(NamedTuple):
    """A command that no test runs: why not, and what is checked of it instead."""

    reason: str
    check: object


def is_a_target(command):
    """The Makefile has it."""
    done = subprocess.run(["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def is_a_benchmark(command):
    """The script is there, and takes each of the options."""
    script = ROOT / command.split()[1]
    known = subprocess.run(
        [sys.executable, script, "--help"], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert known.returncode == 0, known.stderr
    assert all(option in known.stdout for option in re.findall(r"--[\w-]+", command))


def is_a_command(command):
    """Its arguments are taken, and the model is there."""
    from sklaudio.cli._main import _parser

    _parser().parse_args(command.split()[1:])


NOT_RUN = {
    r"make [\w-]+": NotRun("installs packages, and takes minutes", is_a_target),
    r"sklaudio page .*": NotRun("downloads what runs a model in a browser", is_a_command),
    r"python benchmarks/\w+\.py .*": NotRun("takes minutes, on recordings that are not here", is_a_benchmark),
}


def run_in_a_shell(command, folder):
    """Run a command as people do."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True
    )


def run_here(command, folder):
    """Run a command of sklaudio that needs no shell in this process: another takes seconds to import the package."""
    if not re.fullmatch(r"sklaudio [\w ./=-]+", command):
        return run_in_a_shell(command, folder)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(command.split()[1:])
        except SystemExit as ended:
            code = ended.code
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())


def run_console(block, folder, where, *, run=run_in_a_shell):
    """Run each command of a block, and compare what it prints with what stands below it."""
    for command, expected in commands_of(block.code):
        exception = next((reason for pattern, reason in NOT_RUN.items() if re.fullmatch(pattern, command)), None)
        if exception is not None:
            exception.check(command)
            continue
        done = run(command, folder)
        report = f"{where}: {command}\nexit code {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0 or (done.returncode == 1 and expected), report
        if expected:
            assert doctest.OutputChecker().check_output(expected, done.stdout, FLAGS), (
                f"{report}\nexpected:\n{expected}"
            )


def commands_of(code):
    """Pairs of a command and the output below it; lines without ``$`` are commands where there is no ``$`` at all."""
    if not re.search(r"^\$ ", code, flags=re.MULTILINE):
        return [(re.sub(r"\s+# .*", "", line).strip(), "") for line in code.splitlines() if line.strip()]
    parts = re.split(r"^\$ ", code, flags=re.MULTILINE)
    assert not parts[0].strip(), f"output before the first command: {parts[0]}"
    split = [part.partition("\n") for part in parts[1:]]
    return [(command.strip(), output.replace("…", "...")) for command, _, output in split]


def environment():
    """Of commands: this checkout's package, the programs beside this Python, one thread."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    python_path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PATH": path, "PYTHONPATH": python_path, "OMP_NUM_THREADS": "1"}


@pytest.mark.slow
def test_commands_of_the_readme_run(folder):
    """Its python blocks are doctests by themselves; here are the others, in the folder that it describes."""
    blocks = blocks_of(ROOT / "README.md")
    assert all(">>>" in block.code for block in blocks if block.language == "python")
    assert {block.language for block in blocks} <= {"python", "", "console"}
    for block in blocks:
        if block.language != "python":
            run_console(block, folder, f"README.md:{block.line}")


def test_pages_in_restructured_text_hold_no_code():
    """Nothing would run it: code is in Markdown here."""
    for page in [DOCS / "api.rst", *DOCS.glob("gallery/*.rst")]:
        assert not re.search(r">>>|code-block|^[^.\n].*::$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)


def public_names():
    """Every public name, once: without its module where `sklaudio` itself has it."""
    names = set()
    for name in sklaudio.__all__:
        public = getattr(sklaudio, name)
        if not isinstance(public, types.ModuleType):
            names.add(name)
            continue
        assert hasattr(public, "__all__"), f"sklaudio.{name} does not say what is public in it. Give it an __all__."
        names |= {f"{name}.{member}" for member in members_of(public) if not is_of_the_package(public, member)}
    for name, public in RESULTS.items():
        names |= {f"{name}.{member}" for member in public.__all__ if isinstance(getattr(public, member), type)}
    return names


def is_of_the_package(module, member):
    """Whether `sklaudio` has the very object too; `sklaudio.card` is not `sklaudio.encoders.card`."""
    return member in sklaudio.__all__ and getattr(sklaudio, member) is getattr(module, member)


def members_of(module):
    """Public names of a module, and of modules in it where they are not its own too."""
    for member in module.__all__:
        inside = getattr(module, member)
        if not isinstance(inside, types.ModuleType):
            yield member
            continue
        own = [name for name in inside.__all__ if getattr(inside, name) is not getattr(module, name, None)]
        yield from (f"{member}.{name}" for name in own)


def test_every_public_name_is_in_the_api_reference():
    listed = re.findall(r"^   ([\w.]+)$", (DOCS / "api.rst").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(public_names())


def test_every_public_name_has_a_docstring():
    for name in public_names():
        public = sklaudio
        for part in name.split("."):
            public = getattr(public, part)
        assert public.__doc__, name


def test_every_page_is_reached_by_links():
    """From the front page, through the lists of pages."""
    reached, new = set(), [DOCS / "index.md"]
    while new:
        page = new.pop()
        reached.add(page)
        trees = re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        entries = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
        new += {page.parent / f"{entry}.md" for entry in entries if (page.parent / f"{entry}.md").is_file()} - reached
    assert reached == set(PAGES)


LINKING = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"))]
BUILT = ("auto_examples/", "api/")  # by Sphinx, which warns of lost links to them


def links_of(page):
    """Targets of the links and pictures of a page, without those to other sites."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
    inner = [child for token in tokens for child in token.children or []]
    targets = [child.attrGet("href") or child.attrGet("src") for child in inner if child.type in ("link_open", "image")]
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors_of(page):
    """Anchors of the headings of a page, as myst and GitHub make them."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_are_there(page):
    for target in links_of(page):
        path, _, anchor = target.partition("#")
        if any(built in path for built in BUILT):
            continue
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors_of(linked), f"{page.name}: {target}"


GUIDE = [page for page in PAGES if page.parent.name == "guide" and page.name != "index.md"]


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.name)
def test_pages_of_the_guide_have_one_form(page):
    """What a reader can do after it, code that works, pitfalls and links; short enough to be read."""
    text = page.read_text(encoding="utf-8")
    assert re.match(r"# [^\n]+\n\nAfter this page you can ", text)
    assert re.search(r"^```(python|console)", text, flags=re.MULTILINE)
    assert re.findall(r"^## (Pitfalls|Limits|See also)$", text, flags=re.MULTILINE)[-2:] in (
        ["Pitfalls", "See also"],
        ["Limits", "See also"],
    )
    assert text.count("\n") < MAX_LINES


def test_help_of_every_command_is_on_its_page(monkeypatch):
    monkeypatch.syspath_prepend(DOCS / "_tools")
    pytest.importorskip("docutils")
    from command_help import helps

    from sklaudio.cli import COMMANDS

    assert list(helps()) == list(COMMANDS)
    assert all(text.startswith(f"usage: sklaudio {name}") for name, text in helps().items())


def test_gallery_has_a_picture_for_each_guide_that_shows_one():
    """Pictures in the guide are of examples that are there."""
    shown = {name for page in PAGES for name in re.findall(r"sphx_glr_(plot_\w+)_\d{3}\.png", page.read_text("utf-8"))}
    examples = {example.stem for example in DOCS.glob("gallery/plot_*.py")}
    assert len(examples) >= 20
    assert shown <= examples


def test_every_example_has_its_place_in_the_gallery():
    """In the reading order, and in the list at the top, in the same order of sections."""
    order = (DOCS / "_tools" / "gallery_displays.py").read_text("utf-8").split('ORDER = """')[1].split('"""')[0].split()
    header = (DOCS / "gallery" / "GALLERY_HEADER.rst").read_text("utf-8")
    examples = sorted(example.stem for example in DOCS.glob("gallery/plot_*.py"))
    assert sorted(f"plot_{name}" for name in order) == examples
    assert sorted(re.findall(r"<(plot_\w+)>`", header)) == examples


def test_lost_links_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top"></h1><a href="#top"></a><a href="b.html#x%20y">b</a><a href="https://example.org/?a"></a>'
        '<a href="b.html#z"></a><img src="c.png"><a href="#no"></a><a href="https://nowhere"></a>'
        '<a href="htp:x.org"></a>'
    )
    (tmp_path / "b.html").write_text('<p id="x y"></p><a href="a.html"></a>')
    found = [line.removeprefix("a.html: ") for line in lost_links(tmp_path)]
    assert found == ["b.html#z", "c.png", "#no", "https://nowhere", "htp:x.org"]


@pytest.mark.slow
def test_docs_build_without_a_warning(tmp_path):
    """And with it, every example of the gallery runs."""
    for package in ("sphinx", "sphinx_gallery", "pydata_sphinx_theme", "numpydoc", "myst_parser"):
        pytest.importorskip(package, reason="made by `make docs`")
    source = tmp_path / "docs"
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("_build", "auto_examples", "api"))
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", source, tmp_path / "html"]
    done = subprocess.run(build, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in ("index", "tutorial", "guide/features", "api/sklaudio.LSTMClassifier", "auto_examples/index"):
        assert (tmp_path / "html" / f"{page}.html").is_file()
    assert lost_links(tmp_path / "html") == []
