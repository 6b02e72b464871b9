"""Title and text of an HTML page by resiliparse or trafilatura. Runs in the child process of child.py, since both run native code on
pages that may be made to break it. The libraries are imported where they are used: a process needs one of them.
"""

import re
from html.entities import html5
from typing import Any

HIDDEN = ["[hidden]", "[aria-hidden=true]", "[style*='display:none']", "[style*='display: none']"]
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_ENTITY_OR_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>|&([A-Za-z][A-Za-z0-9]{0,31};)", re.DOTALL)
_XML_ENTITIES = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))


class ParserLimitError(Exception):
    """The parser stopped before the end of the page: elements nest deeper than 256, or one is larger than 10 MB."""


def resiliparse_text(page: str) -> tuple[str, str]:
    """(title, main text). Where no main content is found, all visible text, as for a page that is one list."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(page)
    # Reader comments, image descriptions and lines of dates and authors are no part of the text that a page is read for.
    text = extract_plain_text(tree, main_content=True, alt_texts=False, comments=False, post_meta=False)
    return tree.title or "", text if text.strip() else _visible_text(tree)


def all_text(page: str) -> tuple[str, str]:
    """(title, all visible text): for HTML that is no web page, such as a mail, and has no navigation around its text."""
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(page)
    return tree.title or "", _visible_text(tree)


def _visible_text(tree: Any) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(tree, alt_texts=False, skip_elements=HIDDEN)
    return text


def trafilatura_text(page: str) -> tuple[str, str]:
    """(title, main text). Raises ParserLimitError where lxml would lose the rest of the page without an error."""
    import trafilatura
    from lxml import etree, html

    parser = html.HTMLParser(collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(page.encode(), parser=parser)
    except etree.ParserError:  # no element at all
        tree = None
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise ParserLimitError
    if tree is None:
        return "", ""
    title = " ".join((tree.findtext(".//title") or "").split())
    return title, trafilatura.extract(tree, fast=True, include_comments=False) or ""


def html_of_xhtml(page: str) -> str:
    """The same page written as HTML, where `<script/>` closes nothing; a page that is not well-formed XML as it is."""
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_without_named_entities(_XML_DECLARATION.sub("", page, count=1)).encode(), parser)
    except etree.XMLSyntaxError:
        return page
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname  # HTML has no namespaces
    written: str = etree.tostring(root, encoding="unicode", method="html")
    return written


def _without_named_entities(page: str) -> str:
    """Entities of HTML, such as &nbsp;, are not defined in XML without its DTD, which is never fetched. CDATA has none."""

    def character(match: re.Match[str]) -> str:
        name = match[1]
        if name is None or name in _XML_ENTITIES or name not in html5:
            return match[0]
        return "".join(f"&#{ord(letter)};" for letter in html5[name])

    return _ENTITY_OR_CDATA.sub(character, page)
