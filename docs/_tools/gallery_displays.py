"""What sphinx-gallery needs to know: the order of the examples, and the figures of Displays, which pyplot does not."""

from sphinx_gallery.scrapers import figure_rst

from sklaudio.plots._display import Display

ORDER = """
one_clip custom_feature bats pipeline training_curves augmentation search search_pairs compare baselines encoders
transfer leakage calibration noise explanation map labels regression events timeline live
"""
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


class ReadingOrder:
    """Sort key of the examples: those that are not in the list come last, by name."""

    def __init__(self, src_dir):
        self.names = [f"plot_{name}.py" for name in ORDER.split()]

    def __call__(self, filename):
        """Find the place of an example."""
        known = filename in self.names
        return (not known, self.names.index(filename) if known else 0, filename)

    def __repr__(self):
        return "ReadingOrder"  # no address: the configuration is the same in each build
