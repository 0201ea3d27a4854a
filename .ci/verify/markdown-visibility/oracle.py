"""Determines which marks of a comment are visible text, with cmark-gfm, GitHub's Markdown parser, and html5lib.

Reads one JSON list per line: [text, [mark, ...]] pairs, where each mark is a character that occurs once in its text. Writes
one line for each: for each pair, whether each mark is visible text.
"""

import json
import sys

import cmarkgfm
import html5lib
from cmarkgfm.cmark import Options

OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG
EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]

# Text within these elements is hidden, struck out, mirrored, folded, quoted, or code.
HIDING = set(
    """
    applet audio bdo blockquote button canvas code datalist del details dialog frameset head iframe kbd listing marquee math
    noembed noframes noscript object optgroup option picture plaintext pre q rp rt ruby s samp script select strike style
    summary svg template textarea title tt video xmp
    """.split()
)


def hides(element):
    name = element.tag.split("}")[-1] if isinstance(element.tag, str) else "comment"
    return name in HIDING or "footnotes" in element.get("class", "") or element.get("dir") == "rtl"


def visible_text(element, found):
    if not isinstance(element.tag, str) or hides(element):
        return
    found.append(element.text or "")
    for child in element:
        visible_text(child, found)
        found.append(child.tail or "")


def visible_marks(text, marks, extensions):
    html = cmarkgfm.markdown_to_html_with_extensions(text, OPTIONS, extensions)
    # Without a doctype, html5lib would parse in quirks mode.
    page = html5lib.parse("<!doctype html><body>" + html, namespaceHTMLElements=False)
    found = []
    visible_text(page.find("body") if page.find("body") is not None else page, found)
    shown = "".join(found)
    return [shown.count(mark) == 1 for mark in marks]


def verdict(text, marks):
    # GitHub treats some tags as text. It is not known at which step.
    raw = visible_marks(text, marks, EXTENSIONS)
    filtered = visible_marks(text, marks, EXTENSIONS + ["tagfilter"])
    return [one and other for one, other in zip(raw, filtered)]


sys.setrecursionlimit(100_000)
for line in sys.stdin:
    print(json.dumps([verdict(text, marks) for text, marks in json.loads(line)]), flush=True)
