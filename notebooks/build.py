"""Builds the course's pages: runs the notebooks, and makes a site of them with Sphinx.

    build.py [--only TEXT] [--timeout SECONDS] [--executed FOLDER] [--output FOLDER] [--pdf FILE]

A notebook is run only if something has changed since it was last run: its cells, the course's
packages, the environment, or the scale (COURSE_SCALE). --only runs none but those whose names
contain TEXT, and shows the others as they last ran. --executed takes notebooks that run.py
has run before. SOLUTIONS=no in the environment leaves the exercises' solutions out. The site
in --output (default build/html) is replaced only when the new one is whole; it works from a
folder, without a network. --pdf prints the course to a file instead.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import nbformat
import pypdf

import made
import run
from exercises.student import without_solutions

here = pathlib.Path(__file__).resolve().parent
build = here.parent / "build"
mark = ".threads2go"  # a site that has this file was built here
library = re.compile(r'<div class="[^"]*"><script data-course="charts">.*?</script></div>', re.DOTALL)


def fail(message):
    sys.exit(f"html: {message}; no page was changed")


def call(command, **options):
    """Runs a program; whatever stops us stops it too, and waits until it has cleaned up."""
    with subprocess.Popen(command, **options) as program:
        try:
            return program.wait()
        except BaseException:
            program.terminate()
            program.wait()
            raise


def refuse_foreign(folder):
    """Stops if a folder exists that is not a site of the course: it is not ours to replace."""
    if folder.exists() and any(folder.iterdir()) and not (folder / mark).exists():
        fail(f"{folder} exists and is not a site of the course: move it, or give --output")


def run_all(notebooks, folder, only, timeout):
    """Runs each notebook whose inputs have changed on the kernel, saying how it goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in notebooks:
        done = folder / path.name
        try:
            nb = run.read(path)
        except run.Failure as failure:
            fail(f"{path.name} {failure}")
        if any(c.get("outputs") for c in nb.cells):
            print(f"html: {path.name} has outputs, which the pages do not use; clear them before you commit", flush=True)
        if only not in path.name:
            continue
        if done.exists() and nbformat.read(done, as_version=4).metadata.course.inputs == run.inputs(path):
            print(f"html: {path.name} has not changed", flush=True)
            continue
        print(f"html: running {path.name} at scale {run.scale()} ...", flush=True)
        start = time.monotonic()
        if call([sys.executable, here / "run.py", f"--timeout={timeout:g}", path, done]):
            fail(f"stopped at {path.name}")
        print(f"html: {path.name} took {time.monotonic() - start:.0f} s", flush=True)


def prepare(nb):
    """The notebook as the site shows it. The chart library is there once for all pages."""
    for cell in nb.cells:
        for out in cell.get("outputs", []):
            if "text/html" in out.get("data", {}):
                out.data["text/html"] = library.sub("", out.data["text/html"])
    return nb


def for_readers(nb):
    """The notebook, without its solutions where SOLUTIONS says no."""
    match os.environ.get("SOLUTIONS", ""):
        case "" | "yes":
            return nb
        case "no":
            return without_solutions(nb)
        case other:
            fail(f"SOLUTIONS is {other!r}: set it to no, or leave it out")


def without_outputs(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


def stage(notebooks, executed, site):
    """Lays out Sphinx's sources."""
    env = os.environ.get("COURSE_ENV") or fail("COURSE_ENV is not set: start this with `make html` or binder/start")
    share = pathlib.Path(env, "share")
    (site / "_static").mkdir()
    (site / "extra" / "notebooks").mkdir(parents=True)
    shutil.copytree(here / "data", site / "extra" / "notebooks" / "data")

    results = {}
    for path in notebooks:
        nb = nbformat.read(path, as_version=4)
        if (executed / path.name).exists():
            nb = nbformat.read(executed / path.name, as_version=4)
            results[path.name] = nb.metadata.course
        else:
            note = "```{note}\nThis lesson was not run yet, so its cells show no output: `make html` runs it.\n```"
            nb.cells.insert(1, nbformat.v4.new_markdown_cell(note))
        nbformat.write(prepare(for_readers(nb)), site / path.name)
        nbformat.write(without_outputs(for_readers(nbformat.read(path, as_version=4))), site / "extra" / "notebooks" / path.name)
    (site / "made.md").write_text(made.page(site, results, build / "bench.json"))

    for page in here.glob("site/*.md"):
        # There the lessons are a folder higher than the pages, here beside them.
        (site / page.name).write_text(page.read_text().replace("](../", "]("))
    shutil.copy(here / "conf.py", site)
    shutil.copytree(here / "images", site / "images")
    for file in [
        share / "course" / "charts.js", share / "jupyter" / "nbconvert" / "templates" / "course" / "mathjax.js",
        here / "course.css", here / "course.js",
    ]:
        shutil.copy(file, site / "_static")
    api = ["go", "run", "./notebooks/site/api", "-out", site / "api"]
    if call(api, cwd=here.parent):
        fail("the pages of the packages were not made")


def sphinx(builder, site, scratch):
    """Runs one of Sphinx's builders; warnings are errors."""
    pages = scratch / builder
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-d", scratch / "doctrees", site, pages]
    if call(command, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}):
        fail("Sphinx stopped")
    return pages


def replace(new, old):
    """Puts the folder new in place of old. What stops it brings the old one back."""
    refuse_foreign(old)
    (new / mark).touch()
    before = new.with_name("old")
    try:
        if old.exists():
            old.rename(before)
        new.rename(old)
    except BaseException:
        if before.exists() and not old.exists():
            before.rename(old)
        raise


def pdf(page, scratch):
    """Prints the course's one page: once to learn where its headings are, and once more with
    their pages in its contents.
    """
    file = scratch / "course.pdf"

    def print_page():
        if call(["go", "run", "./notebooks/pdf", page, file], cwd=here.parent):
            fail("the PDF was not printed")
        return pypdf.PdfReader(file)

    reader = print_page()
    number = {name.lstrip("/"): reader.get_destination_page_number(d) + 1 for name, d in reader.named_destinations.items()}

    def add(match):
        where, title = match.groups()
        return f'<a href="#{where}">{title}<span>{number[where]}</span></a>' if where in number else ""

    head, contents, rest = re.split(r'(<div id="jb-print-toc">.*?</nav>)', page.read_text(), maxsplit=1, flags=re.DOTALL)
    contents = re.sub(r'<a [^>]*href="#([^"]*)">(.*?)</a>', add, contents).replace("On this page", "Contents")
    page.write_text(head + contents + rest)
    reader = print_page()
    return file, len(reader.pages)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--timeout", type=float, default=120, help="seconds that a cell may take")
    parser.add_argument("--executed", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default=build / "html")
    parser.add_argument("--pdf", type=pathlib.Path)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: fail("stopped"))  # and cleans up

    if run.scale() not in ["full", "small"]:
        fail(f"the scale is {run.scale()!r}: take full or small")
    notebooks = sorted(here.glob("*.ipynb"))
    if not any(args.only in path.name for path in notebooks):
        fail(f"no notebook's name contains {args.only!r}: there are {', '.join(p.name for p in notebooks)}")
    if not args.pdf:
        refuse_foreign(args.output)
    executed = args.executed
    if executed is None:
        executed = build / "notebooks" / run.scale()
        run_all(notebooks, executed, args.only, args.timeout)

    target = (args.pdf or args.output).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="site-") as scratch:
        scratch = pathlib.Path(scratch)
        site = scratch / "site"
        site.mkdir()
        stage(notebooks, executed, site)
        if args.pdf:
            file, pages = pdf(sphinx("singlehtml", site, scratch) / "index.html", scratch)
            file.replace(target)
            print(f"html: {os.path.relpath(target)} has {pages} pages")
        else:
            replace(sphinx("html", site, scratch), target)
            print(f"html: open {os.path.relpath(target / 'index.html')}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("stopped")
    except OSError as error:  # a full disk, for example
        fail(f"{error.filename or ''}: {error.strerror or error}")
