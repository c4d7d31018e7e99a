"""Links of built pages that lead nowhere; used by the tests of the documentation."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


class Links(HTMLParser):
    """Addresses that a page of HTML has links to, and its anchors."""

    def __init__(self, page):
        super().__init__()
        self.targets, self.anchors = [], set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors |= {attrs[name] for name in ("id", "name") if name in attrs}
        self.targets += [attrs[name] for name in ("href", "src") if attrs.get(name)]


def lost_links(folder):
    """List links of the pages below a folder that lead to no file or anchor, or are no addresses of the web."""
    found = (page for page in folder.rglob("*.html") if "_static" not in page.parts)  # templates of the theme
    pages = {page.resolve(): Links(page) for page in found}
    return [
        f"{page.relative_to(folder.resolve())}: {target}"
        for page, links in pages.items()
        for target in links.targets
        if not _leads_somewhere(target, page, pages)
    ]


def _leads_somewhere(target, page, pages):
    address = urlsplit(target)
    if address.scheme:
        return address.scheme in ("data", "mailto") or (address.scheme in ("http", "https") and "." in address.netloc)
    linked = (page.parent / unquote(address.path)).resolve() if address.path else page
    anchor = unquote(address.fragment)
    return linked.exists() and (not anchor or linked not in pages or anchor in pages[linked].anchors)
