"""Copies the notebooks without their solutions, for handing out.

    student.py [FOLDER]

FOLDER is new or empty; without one it is build/student, which is written anew. The data is
beside the notebooks. They run where the course is set up: open them in its JupyterLab.
"""

import pathlib
import shutil
import sys

import nbformat

notebooks = pathlib.Path(__file__).resolve().parents[1]


def without_solutions(nb):
    """The notebook without the cells that are tagged as a solution."""
    nb.cells = [cell for cell in nb.cells if "solution" not in cell.metadata.get("tags", [])]
    return nb


def main():
    ours = notebooks.parent / "build" / "student"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ours
    if folder != ours and folder.exists() and any(folder.iterdir()):
        sys.exit(f"student: {folder} is not empty, and may have somebody's work: move it, or name another")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(notebooks / "data", folder / "data")
    for path in sorted(notebooks.glob("*.ipynb")):
        nb = nbformat.read(path, as_version=4)
        cells = len(nb.cells)
        nbformat.write(without_solutions(nb), folder / path.name)
        print(f"student: {folder / path.name}, {cells - len(nb.cells)} solutions left out")


if __name__ == "__main__":
    main()
