"""Runs a notebook on its kernel, top to bottom, and writes it with its outputs.

    run.py [--twice] [--timeout SECONDS] NOTEBOOK OUTPUT

It stops with exit status 1, and says which cell, its source, its output and the remedy, when
a cell fails or is too slow, when a cell that should fail (tag raises-exception) does not, and
when a shell or Python cell fails in silence: GoNB lets such a cell pass. --twice runs each
section a second time, as readers do; the outputs that are kept are the first ones.

The output's metadata has, under "course", the seconds of every cell by its id and what the
page "How these pages were made" says of a run; and a sum of all that the outputs were made
from, by which build.py tells whether to run the notebook again.
"""

import argparse
import contextlib
import copy
import datetime
import hashlib
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import threading
import time

import jupyter_client.kernelspec
import nbclient
import nbformat
import psutil

root = pathlib.Path(__file__).resolve().parent.parent


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
        raise Failure(f"ran for more than {timeout:.0f} s and was interrupted; make its work smaller (COURSE_SCALE=small), or give it more (--timeout; make html TIMEOUT=600)")
    if intended and not failed:
        raise Failure("is tagged raises-exception and did not fail; mend the cell or take the tag away")
    if failed and not intended:
        raise Failure("failed; mend it, or tag it raises-exception if that is its point")
    if is_shell(cell.source) and re.search(r"(?m)^exit status \d+", stderr) and not intended:
        raise Failure("failed in silence: its command ended with an error; mend it, or tag it raises-exception")
    if "unknown or not implemented yet" in stderr:  # as for %%test; it is %test
        raise Failure("used a command that GoNB does not know")


def read(path):
    """The notebook in a file."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
        raise Failure(f"cannot be read as a notebook: {str(error)[:200]}") from None


def inputs(path):
    """A sum of all that a notebook's outputs depend on: its cells, the course's packages, any
    of which a cell may import, the data, the environment, and the scale.
    """
    cells = [(c.id, c.cell_type, c.source, c.metadata.get("tags")) for c in read(path).cells]
    go = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True).stdout
    total = hashlib.sha256(repr((cells, go, platform.python_version(), scale())).encode())
    files = [root / "go.mod", root / "go.sum", pathlib.Path(__file__)]
    files += [root / "binder" / name for name in ["kernel.json", "requirements.txt", "tools.sum"]]
    for folder in ["charts", "notebooks/data", "notebooks/exercises", "pkg"]:
        files += [f for f in (root / folder).rglob("*") if f.is_file() and f.suffix not in [".md", ".pyc"]]
    for file in sorted(files):
        name = file.relative_to(root).as_posix()
        if not name.endswith("_test.go") and not name.startswith("pkg/bench/"):
            total.update(name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def scale():
    return os.environ.get("COURSE_SCALE") or "full"


@contextlib.contextmanager
def ending(processes):
    """Ends those processes that are still there in the end: a kernel that does not end in time
    is killed, and would leave gopls behind.
    """
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


class Memory(threading.Thread):
    """Looks, five times a second, how much memory a process and all below it hold. Those that
    are there at the end go to a list.
    """

    def __init__(self, pid, last):
        super().__init__(daemon=True)
        self.process, self.last, self.peak, self.end = psutil.Process(pid), last, 0, threading.Event()

    def below(self):
        with contextlib.suppress(psutil.NoSuchProcess):
            return self.process.children(recursive=True)
        return []

    def run(self):
        while not self.end.wait(0.2):
            held = 0
            for process in [self.process, *self.below()]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    held += process.memory_info().rss
            self.peak = max(self.peak, held)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.join()
        self.last += self.below()


@contextlib.contextmanager
def line(text):
    """Shows a line while something goes on, where somebody sees it: in a terminal."""
    terminal = sys.stderr.isatty()
    try:
        if terminal:
            print(text, end="", file=sys.stderr, flush=True)
        yield
    finally:
        if terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def sections(cells):
    """The cells' indices, in runs that each begin with a heading of level 2."""
    runs = [[]]
    for i, cell in enumerate(cells):
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            runs.append([])
        runs[-1].append(i)
    return runs


def execute(nb, folder, timeout, twice):
    """Runs all cells in place; returns the seconds of each code cell by id, and the most
    memory that the kernel and its programs held.
    """
    seconds = {}
    code = sum(c.cell_type == "code" for c in nb.cells)
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
        with line(f"  cell {len(seconds) + 1} of {code} "):
            client.execute_cell(cell, i)
        took = time.monotonic() - start
        seconds.setdefault(cell.id, round(took, 3))
        try:
            check(cell, took, timeout)
        except Failure as failure:
            raise Failure(
                f"cell {cell.id} {failure}\n--- its source\n{cell.source}\n--- its output\n{text_of(cell)}"
            ) from None

    last = []
    with ending(last), client.setup_kernel(), Memory(client.km.provisioner.pid, last) as memory:
        for section in sections(nb.cells):
            for i in section:
                run(i)
            if twice:
                first = {i: copy.deepcopy(nb.cells[i]) for i in section}
                for i in section:
                    run(i)
                for i in section:
                    nb.cells[i] = first[i]
    return seconds, memory.peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--timeout", type=float, default=120, help="seconds that a cell may take")
    parser.add_argument("--twice", action="store_true")
    args = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(f"{args.notebook.name}: stopped"))  # and ends the kernel
    began = datetime.datetime.now().astimezone()
    start = time.monotonic()
    try:
        nb = read(args.notebook)
        made_from = inputs(args.notebook)
        seconds, memory = execute(nb, args.notebook.parent, args.timeout, args.twice)
    except KeyboardInterrupt:
        sys.exit(f"{args.notebook.name}: stopped")
    except Failure as failure:
        sys.exit(f"{args.notebook.name}: {failure}")
    except jupyter_client.kernelspec.NoSuchKernel as missing:
        sys.exit(f"{args.notebook.name}: there is no kernel {missing.name!r} here; run `make setup`, which brings it, "
                 "and start this with binder/start")
    except nbclient.exceptions.DeadKernelError:
        sys.exit(f"{args.notebook.name}: the kernel died, perhaps for lack of memory; COURSE_SCALE=small needs less")
    # GoNB names no lexer, and nbconvert would colour the cells as Python.
    nb.metadata.setdefault("language_info", {})["pygments_lexer"] = "go"
    nb.metadata["course"] = {
        "seconds": seconds,
        "total": round(time.monotonic() - start, 1),
        "scale": scale(),
        "date": began.isoformat(timespec="minutes"),
        "memory": memory,  # bytes
        "python": platform.python_version(),
        "inputs": made_from,
    }
    # A disk that is full leaves no half of a notebook.
    half = args.output.with_suffix(".part")
    try:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, half)
        half.replace(args.output)
    except OSError as error:
        half.unlink(missing_ok=True)
        sys.exit(f"{args.notebook.name}: its outputs cannot be written: {error}")


if __name__ == "__main__":
    main()
