"""Sphinx's settings for the course's pages. build.py copies them beside executed notebooks."""

from docutils import nodes

project = "From Threads to Goroutines"
author = "the authors of From Threads to Goroutines"
copyright = "2026, the authors: prose CC BY 4.0, code MIT"
language = "en"

extensions = ["myst_nb", "sphinx_copybutton"]
nb_execution_mode = "off"  # build.py has run them
nb_merge_streams = True

html_theme = "sphinx_book_theme"
html_title = project
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = ["charts.js"]  # the chart library, once for all pages
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False
html_theme_options = {
    "navbar_persistent": [],  # else a second search field appears
    "use_download_button": False,
    "use_fullscreen_button": False,
    "toc_title": "On this page",
}


def language_of_cell(app, doctree):
    """Highlights cells of other languages as such: a notebook has one language for Sphinx."""
    for block in doctree.findall(nodes.literal_block):
        first = block.astext().split("\n", 1)[0]
        if first.startswith("%%script python"):
            block["language"] = "python"
        elif first.startswith("!"):
            block["language"] = "bash"


def setup(app):
    app.connect("doctree-read", language_of_cell)
