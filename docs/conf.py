"""How Sphinx builds these pages: `make docs` writes them to docs/_build, without the internet."""

import os
import re
import sys
from pathlib import Path

import sklaudio

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_tools"))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # nets as small as those of the gallery are slower on two threads
os.environ["SKLAUDIO_DATA"] = str(HERE / "_build" / "no-data")  # the gallery takes no recordings but its own

project = "sklaudio"
author = "The sklaudio developers"
copyright = author
version = release = sklaudio.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "command_help",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_tools", "gallery", "auto_examples/**/*.ipynb", "auto_examples/*.ipynb"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
smartquotes = False  # options of commands begin with two hyphens, on results.md outside of code too

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the template lists them
numpydoc_use_plots = False

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "gallery_displays.ReadingOrder",
    "image_scrapers": ("matplotlib", "gallery_displays.scrape"),
    "reset_modules": ("matplotlib", "gallery_displays.reset"),
    "capture_repr": ("_repr_html_",),
    "backreferences_dir": "api/backreferences",
    "doc_module": ("sklaudio",),
    "reference_url": {"sklaudio": None},
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "show_signature": False,
    "write_computation_times": False,  # its page asks the internet for scripts
    "download_all_examples": False,
    "default_thumb_file": None,
    "plot_gallery": True,
}

html_theme = "pydata_sphinx_theme"
html_title = f"sklaudio {version}"
html_static_path = ["_static"]
html_css_files = ["sklaudio.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "sklaudio"},
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"tutorial": [], "extending": []}


def setup(app):
    """Take away references of inherited docstrings that only scikit-learn's own pages can resolve."""

    def drop_references(app, what, name, obj, options, lines):
        lines[:] = [re.sub(r":(?:ref|term):`([^<`]*?)\s*(?:<[^`]*>)?`", r"\1", line) for line in lines]

    app.connect("autodoc-process-docstring", drop_references)
