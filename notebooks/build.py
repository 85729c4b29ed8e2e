"""Builds the course's pages: runs the notebooks, and makes a site of them with Sphinx.

    build.py [--executed FOLDER] [--output FOLDER]

--executed takes notebooks that were run before (by run.py) instead of running them now. The
site in --output (default build/html) is replaced only when the new one is whole; it works
from a folder, without a network.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import nbformat

here = pathlib.Path(__file__).resolve().parent
library = re.compile(r'<script data-course="charts">(.*?)</script>', re.DOTALL)


def run_all(notebooks, folder):
    """Runs each notebook on the kernel, saying how it goes."""
    for path in notebooks:
        print(f"html: running {path.name} ...", end=" ", flush=True)
        start = time.monotonic()
        done = subprocess.run([sys.executable, here / "run.py", path, folder / path.name])
        if done.returncode:
            sys.exit(f"html: stopped at {path.name}; no page was changed")
        print(f"{time.monotonic() - start:.0f} s", flush=True)


def stage(notebooks, site):
    """Lays out Sphinx's sources; the chart library moves from the notebooks to one file."""
    static = site / "_static"
    static.mkdir()
    scripts = {}

    def take(match):
        scripts["charts"] = match.group(1)
        return ""

    for path in notebooks:
        nb = nbformat.read(path, as_version=4)
        for cell in nb.cells:
            for out in cell.get("outputs", []):
                if "text/html" in out.get("data", {}):
                    out.data["text/html"] = library.sub(take, out.data["text/html"])
        nbformat.write(nb, site / path.name)
    if "charts" not in scripts:
        sys.exit("html: no notebook brings the chart library: each begins with lesson.Begin()")
    (static / "charts.js").write_text(scripts["charts"])
    shutil.copy(here / "course.css", static)
    for name in ["conf.py", "index.md"]:
        shutil.copy(here / name, site)


def replace(new, old):
    """Puts the folder new in place of old, which must be ours if it exists."""
    if old.exists():
        if not (old / ".buildinfo").exists():
            sys.exit(f"html: {old} exists and is not a site of the course; move it, or give --output")
        shutil.rmtree(old)
    old.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(new, old)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    build = here.parent / "build"
    parser.add_argument("--executed", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default=build / "html")
    args = parser.parse_args()

    build.mkdir(exist_ok=True)
    executed = args.executed
    if executed is None:
        executed = build / "notebooks"
        executed.mkdir(exist_ok=True)
        run_all(sorted(here.glob("*.ipynb")), executed)
    notebooks = sorted(executed / path.name for path in here.glob("*.ipynb"))

    with tempfile.TemporaryDirectory(dir=build) as scratch:
        site, pages = pathlib.Path(scratch, "site"), pathlib.Path(scratch, "html")
        site.mkdir()
        stage(notebooks, site)
        sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", pathlib.Path(scratch, "doctrees"), site, pages]
        if subprocess.run(sphinx, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}).returncode:
            sys.exit("html: Sphinx stopped; no page was changed")
        replace(pages, args.output)
    print(f"html: open {os.path.relpath(args.output / 'index.html')}")


if __name__ == "__main__":
    main()
