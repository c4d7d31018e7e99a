"""What report returns, in notebooks: a link to the page, and the scores on it."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from sklaudio.reporting import EventReport, RegressionReport, Report
from sklaudio.reporting._written import address_of


def test_a_report_is_a_link_and_its_scores():
    html = Report("a b/<r>.html", 1234567, 40, 30, 1, 0.75, (0.6, 0.9))._repr_html_()
    assert '<a href="a%20b/%3Cr%3E.html"' in html
    assert ">a b/&lt;r&gt;.html</a>" in html
    assert "<td>n bytes</td><td>1,234,567</td>" in html
    assert "<td>accuracy interval</td><td>0.600 to 0.900</td>" in html
    assert "<td>n clips</td><td>3</td>" in RegressionReport("r.html", 10, 3, 0, {"valence": {"mae": 0.5}})._repr_html_()
    assert (
        "<td>interval</td><td>nan to nan</td>"
        in EventReport("r.html", 10, 3, 0, 1, 2, 3, 0.5, (float("nan"),) * 2, 0.5)._repr_html_()
    )


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (PurePosixPath("a b/<r>.html"), "a%20b/%3Cr%3E.html"),
        (PurePosixPath("/tmp/50%?.html"), "/tmp/50%25%3F.html"),
        (PurePosixPath("x:y.html"), "x%3Ay.html"),  # or x would be taken for a scheme
        (PureWindowsPath(r"reports\a b.html"), "reports/a%20b.html"),
        (PureWindowsPath(r"C:\reports\a b.html"), "file:///C:/reports/a%20b.html"),
        (PureWindowsPath(r"\\server\share\r.html"), "file://server/share/r.html"),
    ],
)
def test_links_lead_to_the_page_on_each_system(path, address):
    assert address_of(path) == address
