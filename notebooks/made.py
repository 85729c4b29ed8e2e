"""The page "How these pages were made": what each notebook took, where, and with what."""

import importlib.metadata
import json

import nbformat


def page(folder, results, bench):
    """The page in Markdown. folder has the notebooks, results what run.py says of each by its
    file's name, and bench is the file that `make bench` writes, if it was made.
    """
    lines = ["# How these pages were made", "", "Each lesson's page is its notebook, run from top to bottom on its kernel by `make html`; nobody edited an output."]
    lines += ["", "| notebook | time | peak memory | scale | date |", "|---|--:|--:|---|---|"]
    machines = {}
    for path in sorted(folder.glob("*.ipynb")):
        title, machine = look(path)
        run = results.get(path.name)
        if run is None:
            lines.append(f"| [{title}]({path.name}) | not run yet: `make html` runs it | | | |")
            continue
        lines.append(f"| [{title}]({path.name}) | {run['total']:.0f} s | {run['memory'] / 1e6:,.0f} MB | {run['scale']} | {run['date'][:16].replace('T', ' ')} |")
        machines.setdefault(f"{machine}, Python {run['python']}", []).append(path.name[:2])
    lines += ["", "Time is from the first cell to the last. Memory is that of the kernel and all programs below it (cells, compilers, workers), added up, at its highest; it was looked at five times a second.", ""]
    for machine, names in machines.items():
        lines.append(f"- {', '.join(names)}: {machine}")
    lines += ["", "## With what", "", "| package | version |", "|---|---|"]
    for name in ["jupyterlab", "nbclient", "sphinx", "myst-nb", "sphinx-book-theme"]:
        lines.append(f"| {name} | {importlib.metadata.version(name)} |")
    return "\n".join(lines + ["", *ratios(bench), ""])


def look(path):
    """A notebook's title, and the machine that its first output names."""
    nb = nbformat.read(path, as_version=4)
    title = nb.cells[0].source.split("\n")[0].removeprefix("# ")
    for cell in nb.cells:
        for out in cell.get("outputs", []):
            machine, *rest = out.get("data", {}).get("text/plain", "").split(" · ")
            if rest:
                return title, ", ".join([machine, rest[0]])
    return title, ""


def ratios(bench):
    """The section with the speeds beside other libraries."""
    lines = ["## Speed beside other libraries", ""]
    if not bench.exists():
        return lines + ["These pages were built without them: `make bench` measures them, in 8 minutes, and the next `make html` shows them here."]
    rows = json.loads(bench.read_text())
    lines += ["Measured by `make bench`, each row by turns in one run. The ratio is our cost by that of the best peer: below 1, ours takes less; in brackets is its 95 % interval. The goal is the ratio that ours should not exceed; met says whether the interval lies below it (yes), above it (no), or on both sides (undecided). At * the ratio has two modes, and its median says little.", ""]
    lines += ["| row | ours | best peer | its name | unit | ratio | goal | met |", "|---|--:|--:|---|---|--:|--:|---|"]
    for row in rows:
        if row.get("error"):
            lines.append(f"| {row['name']} | not measured: {row['error']} | | | | | | |")
            continue
        ratio = f"{row['ratio']:.3g} [{row['ratio_low']:.3g}, {row['ratio_high']:.3g}]" if "ratio" in row else ""
        goal = f"{row['goal']:.3g}" if "goal" in row else ""
        met = (row["ok"] if goal else "") + (" *" if row.get("bimodal") else "")
        peer = f"{row['peer']:.4g}" if "peer" in row else ""
        lines.append(f"| {row['name']} | {row['ours']:.4g} | {peer} | {row.get('peer_name', '')} | {row['unit']} | {ratio} | {goal} | {met} |")
    lines += ["", *(f"- {row['name']}: {row['note']}" for row in rows if "note" in row)]
    return lines + ["", *sorted({f"- {row['machine']}" for row in rows})]
