"""What sphinx-gallery needs to know of Displays: their figures are their own, which pyplot does not know."""

from sphinx_gallery.scrapers import figure_rst

from sklaudio._plots._base import Display

_shown = {}  # Displays of this example by id; kept, so that no id is given twice


def scrape(block, block_vars, gallery_conf):
    """Save the figures of Displays that this block of an example made, and give the lines that show them."""
    paths = []
    for display in list(block_vars["example_globals"].values()):
        if isinstance(display, Display) and getattr(display, "_owns_figure", False) and id(display) not in _shown:
            _shown[id(display)] = display
            path = next(block_vars["image_path_iterator"])
            display.figure_.savefig(path, dpi=100)
            paths.append(path)
    return figure_rst(paths, gallery_conf["src_dir"])


def reset(gallery_conf, name):
    """Forget the Displays of the example before."""
    _shown.clear()
