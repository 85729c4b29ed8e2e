"""Sphinx's settings for the course's pages. build.py copies them beside executed notebooks."""

import pathlib
import re

from docutils import nodes

project = "From Threads to Goroutines"
author = "the authors of From Threads to Goroutines"
copyright = "2026, the authors: prose CC BY 4.0, code MIT"
language = "en"
smartquotes = False  # they would curl the quotes of code in the packages' docs

extensions = ["myst_nb", "sphinx_copybutton"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"  # build.py has run them
nb_merge_streams = True
nb_render_error_lexer = "none"  # Go's reports, not IPython's
copybutton_selector = "div:not(.output) > div.highlight > pre"  # code, not what it printed

# Maths without a network, and without what would be loaded for it later.
mathjax_path = "mathjax.js"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = project
html_context = {"default_mode": "light"}  # where no script runs; see theme
html_static_path = ["_static"]
html_extra_path = ["extra"]  # the notebooks to download
html_css_files = ["course.css"]
html_js_files = [("course.js", {"defer": "defer"})]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_search_summary = False
html_theme_options = {
    "repository_url": "https://github.com/threads2go/course",
    "repository_branch": "main",
    "path_to_docs": "notebooks",
    "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
    "navbar_persistent": [],  # else a second search field appears
    "navigation_with_keys": True,
    "use_download_button": False,  # it would offer the notebook with its outputs
    "use_fullscreen_button": False,
    "toc_title": "On this page",
}

long = 30  # lines of output; of more, the first 20 are shown and the others folded
failure = re.compile(r"WARNING: DATA RACE|^fatal error: |^panic: |^Traceback \(most recent call last\)", re.MULTILINE)


def cells(app, doctree):
    """What Sphinx cannot know of a cell: its language, that its output is a failure, or long."""
    for block in list(doctree.findall(nodes.literal_block)):
        if block.parent.get("nb_element") == "cell_code_source":
            block["language"] = language_of(block.astext(), block.get("language"))
    for output in list(doctree.findall(lambda node: node.get("nb_element") == "cell_code_output" if isinstance(node, nodes.container) else False)):
        blocks = [block for block in output.children if isinstance(block, nodes.literal_block)]
        failed = any("traceback" in block["classes"] for block in blocks)
        for block in blocks:
            said = any(other.astext().rstrip().endswith("\n" + block.astext().rstrip()) for other in blocks)
            if "traceback" in block["classes"] and said:
                output.remove(block)  # GoNB repeats "exit status 2"
                continue
            if failed and "stream" not in block["classes"] or failure.search(block.astext()):
                block["classes"].append("failure")
            fold(block)


def language_of(source, default):
    if source.startswith("%%script python"):
        return "python"
    return "bash" if source.startswith(("!", "%%bash", "%%sh", "%%script sh", "%%script bash")) else default


def fold(block):
    """Leaves the first lines of a long output, and the others where one click shows them."""
    lines = block.astext().rstrip().split("\n")
    if len(lines) <= long:
        return
    first, rest = block.copy(), block.copy()
    for part, text in [(first, lines[:20]), (rest, lines[20:])]:
        part.rawsource = "\n".join(text)
        part += nodes.Text(part.rawsource)
    more = f'<details class="more"><summary>{len(lines) - 20} more lines</summary>'
    block.replace_self([first, nodes.raw("", more, format="html"), rest, nodes.raw("", "</details>", format="html")])


def page(app, name, template, context, doctree):
    """A lesson's buttons, and the chart library where there is a chart."""
    if "t2g-figure" in context.get("body", ""):
        app.add_js_file("charts.js", loading_method="defer")
    if pathlib.Path(app.srcdir, "extra", "notebooks", name + ".ipynb").exists():
        context["header_buttons"] += [
            {"type": "link", "url": context["pathto"](f"notebooks/{name}.ipynb", 1), "label": "download",
             "icon": "fas fa-download", "tooltip": "Download this notebook"},
            {"type": "javascript", "javascript": "course.foldAll()", "label": "fold",
             "icon": "fas fa-code", "tooltip": "Fold or show all code"},
        ]


# As the reader has chosen, else as the system is, before anything is painted.
theme = """(data => {
  data.mode = localStorage.getItem("mode") || "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  data.theme = data.mode === "auto" ? (dark ? "dark" : "light") : data.mode;
})(document.documentElement.dataset)"""


def setup(app):
    app.add_js_file(None, body=theme)
    app.connect("doctree-read", cells)
    app.connect("html-page-context", page, priority=900)  # after the theme's own buttons
