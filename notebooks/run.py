"""Runs a notebook on its kernel, top to bottom, and writes it with its outputs.

    run.py [--twice] [--timeout SECONDS] NOTEBOOK OUTPUT

It stops with exit status 1, and says which cell, its source, its output and the remedy, when
a cell fails or is too slow, when a cell that should fail (tag raises-exception) does not, and
when a shell or Python cell fails in silence: GoNB lets such a cell pass. --twice runs each
section a second time, as readers do; the outputs that are kept are the first ones.

The output's metadata has the seconds of every cell by its id, under "course".
"""

import argparse
import copy
import os
import pathlib
import re
import sys
import time

import nbclient
import nbformat


class Failure(Exception):
    """What went wrong with a cell, and what to do about it."""


def text_of(cell):
    """All text of a cell's outputs, as a reader sees it."""
    parts = []
    for out in cell.outputs:
        if out.output_type == "stream":
            parts.append(out.text)
        elif out.output_type == "error":
            parts.append("\n".join(out.traceback) or out.evalue)
        else:
            parts.append(out.data.get("text/plain", ""))
    return "".join(p if p.endswith("\n") else p + "\n" for p in parts)


def is_shell(source):
    """Whether a cell's program is not Go: a script of another language, or shell lines."""
    return bool(re.search(r"(?m)^(!|%%(script|bash|sh)\b)", source))


def check(cell, seconds, timeout):
    """Raises Failure unless the cell did what its tags say."""
    intended = "raises-exception" in cell.metadata.get("tags", [])
    failed = any(o.output_type == "error" for o in cell.outputs)
    stderr = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    if seconds >= timeout:
        raise Failure(f"ran for more than {timeout:.0f} s and was interrupted; make its work smaller, or give --timeout")
    if intended and not failed:
        raise Failure("is tagged raises-exception and did not fail; mend the cell or take the tag away")
    if failed and not intended:
        raise Failure("failed; mend it, or tag it raises-exception if that is its point")
    if is_shell(cell.source) and re.search(r"(?m)^exit status \d+", stderr) and not intended:
        raise Failure("failed in silence: its command ended with an error; mend it, or tag it raises-exception")
    if "unknown or not implemented yet" in stderr:  # as for %%test; it is %test
        raise Failure("used a command that GoNB does not know")


def sections(cells):
    """The cells' indices, in runs that each begin with a heading of level 2."""
    runs = [[]]
    for i, cell in enumerate(cells):
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            runs.append([])
        runs[-1].append(i)
    return runs


def execute(nb, folder, timeout, twice):
    """Runs all cells in place; returns the seconds of each code cell by id."""
    seconds = {}
    client = nbclient.NotebookClient(
        nb, timeout=timeout, interrupt_on_timeout=True, allow_errors=True, coalesce_streams=True,
        # A cell with many outputs is still being read when its program has ended.
        iopub_timeout=60, raise_on_iopub_timeout=True,
        resources={"metadata": {"path": str(folder)}},
    )

    def run(i):
        cell = nb.cells[i]
        if cell.cell_type != "code":
            return
        start = time.monotonic()
        client.execute_cell(cell, i)
        took = time.monotonic() - start
        seconds.setdefault(cell.id, round(took, 3))
        try:
            check(cell, took, timeout)
        except Failure as failure:
            raise Failure(
                f"cell {cell.id} {failure}\n--- its source\n{cell.source}\n--- its output\n{text_of(cell)}"
            ) from None

    with client.setup_kernel():
        for section in sections(nb.cells):
            for i in section:
                run(i)
            if twice:
                first = {i: copy.deepcopy(nb.cells[i]) for i in section}
                for i in section:
                    run(i)
                for i in section:
                    nb.cells[i] = first[i]
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--timeout", type=float, default=120, help="seconds that a cell may take")
    parser.add_argument("--twice", action="store_true")
    args = parser.parse_args()

    nb = nbformat.read(args.notebook, as_version=4)
    start = time.monotonic()
    try:
        seconds = execute(nb, args.notebook.parent, args.timeout, args.twice)
    except Failure as failure:
        sys.exit(f"{args.notebook.name}: {failure}")
    # GoNB names no lexer, and nbconvert would colour the cells as Python.
    nb.metadata.setdefault("language_info", {})["pygments_lexer"] = "go"
    nb.metadata["course"] = {
        "seconds": seconds,
        "total": round(time.monotonic() - start, 1),
        "scale": os.environ.get("COURSE_SCALE") or "full",
    }
    args.output.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, args.output)


if __name__ == "__main__":
    main()
