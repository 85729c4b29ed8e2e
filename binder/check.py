"""Checks the image from the inside, as a reader uses it; binder/image check runs it there.

    check.py [--short]

JupyterLab starts as in the image, with a token, and answers nobody without one. A kernel of
its runs a first cell, a first chart, a completion and then the cells of the largest lesson,
within the memory that the README names; another lesson runs from top to bottom. On SIGTERM all
of it ends. The course belongs to root, and nothing was written outside home and /tmp. --short
leaves out what comes after the first chart, up to SIGTERM. It prints what it measured, and exits
with 1 and the reason at the first thing that is wrong. A time is wrong beyond three times its
goal, as machines that check are often busy.
"""

import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import jupyter_client
import jupyter_client.kernelspec
import nbformat

course = pathlib.Path(__file__).resolve().parent.parent
home = pathlib.Path.home()
token = "a-token-for-the-check"

hello = 'import "fmt"\n\n%%\nfmt.Println("hello from Go")'
chart = """import (
	"github.com/threads2go/course/charts"
	"github.com/threads2go/course/pkg/lesson"
)

%%
lesson.Must(charts.Show(charts.Histogram{Title: "squares", X: "square", Y: "numbers", Values: []float64{1, 4, 9, 16, 25}}))"""
endless = 'import "time"\n\n%%\nprintln("started")\nfor {\n\ttime.Sleep(time.Second)\n}'


def fail(reason):
    sys.exit(f"check: {reason}")


def say(what, seconds=None, goal=None):
    print(f"check: {what}" + (f": {seconds:.2f} s" if seconds is not None else "") + (f" (goal {goal} s)" if goal else ""), flush=True)
    if goal and seconds > 3 * goal:
        fail(f"that is more than three times the goal of {goal} s")


def processes():
    """Every other process of this user that is no thread of init, by number: its parent's number, its command."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) in (1, os.getpid()) or folder.stat().st_uid != os.getuid():
                continue
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue  # it has ended
        if state != "Z":
            found[int(folder.name)] = (int(parent), command)
    return found


def below(root):
    """The process root and those that it started, and so on."""
    all_of_them, tree = processes(), {root}
    while True:
        more = {pid for pid, (parent, _) in all_of_them.items() if parent in tree} - tree
        if not more:
            return tree
        tree |= more


class Memory(threading.Thread):
    """The most memory that a process and all below it had, in MiB; what they share counts once."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peak, self.ended = root, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            self.peak = max(self.peak, self.now())

    def now(self):
        kib = 0
        for pid in below(self.root):
            try:
                kib += int(re.search(r"(?m)^Pss: *(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text())[1])
            except (OSError, TypeError):
                continue
        return kib // 1024


class Lab:
    """JupyterLab, started by the image's own command."""

    def __init__(self):
        dockerfile = (course / "Dockerfile").read_text()
        self.health = json.loads(re.search(r"HEALTHCHECK[^\[]*CMD (\[.*\])", dockerfile)[1])
        self.log = open("/tmp/check-lab.log", "w+")
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [course / "binder" / "start", *json.loads(re.search(r"(?m)^CMD (\[.*\])", dockerfile)[1])],
            env={**os.environ, "JUPYTER_TOKEN": token}, stdout=self.log, stderr=self.log)
        while subprocess.run(self.health, stderr=subprocess.DEVNULL).returncode:
            if self.process.poll() is not None or time.monotonic() > begin + 60:
                fail("JupyterLab does not answer its health check:\n" + self.output())
            time.sleep(0.1)
        say("JupyterLab answers its health check", time.monotonic() - begin, goal=5)

    def output(self):
        return pathlib.Path(self.log.name).read_text()

    def status(self, path, method="GET", headers={}, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:8888{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read(), refused.headers

    def secure(self):
        if "Running as root" in self.output():
            fail("JupyterLab runs as root")
        for path in ["/api/contents", "/api/kernels", "/lab"]:
            code, _, headers = self.status(path)
            if code != 403 and "/login" not in str(headers.get("Location")) and b"/login" not in _:
                fail(f"without a token {path} answers {code}")
        # A browser that has logged in, and a form of another site that it sends.
        code, _, headers = self.status(f"/lab?token={token}")
        cookies = "; ".join(c.partition(";")[0] for c in headers.get_all("Set-Cookie", []))
        if code != 200 or not cookies:
            fail(f"with the token /lab answers {code}, cookies {cookies!r}")
        code, *_ = self.status("/api/kernels", "POST", {"Cookie": cookies}, b"{}")
        if code != 403:
            fail(f"a request without the XSRF token answers {code}")
        say("without the token, and across sites, it answers nobody")

    def kernel(self):
        """A new kernel of the server, and the client of its."""
        begin = time.monotonic()
        code, answer, _ = self.status("/api/kernels", "POST", {"Authorization": f"token {token}"},
                                      json.dumps({"name": "gonb", "path": "notebooks"}).encode())
        if code != 201:
            fail(f"no kernel starts: {code} {answer}")
        [runtime] = {p for p in pathlib.Path(self.runtime()).glob(f"kernel-{json.loads(answer)['id']}.json")}
        client = jupyter_client.BlockingKernelClient(connection_file=str(runtime))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        say("a kernel is ready", time.monotonic() - begin)
        return client

    def runtime(self):
        return os.environ["JUPYTER_RUNTIME_DIR"]

    def stop(self):
        """Ends it as docker stop does, while a cell of its runs."""
        tree = below(self.process.pid)
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            fail("5 s after SIGTERM JupyterLab still runs")
        took = time.monotonic() - begin
        time.sleep(0.5)
        left = {pid: command for pid, (_, command) in processes().items() if pid in tree}
        if left:
            fail(f"JupyterLab has ended, and left {left}")
        say(f"SIGTERM ends all {len(tree)} processes within 5 s", took)


def execute(client, source, want=""):
    """Runs a cell whose output has to contain a text, if one is given; returns its seconds."""
    outputs = []
    begin = time.monotonic()
    reply = client.execute_interactive(source, timeout=300, output_hook=lambda m: outputs.append(json.dumps(m["content"])))
    took = time.monotonic() - begin
    if reply["content"]["status"] != "ok" or want and not any(want in o for o in outputs):
        fail(f"a cell does not show {want!r}:\n{source}\n" + "\n".join(outputs)[-2000:])
    return took


def largest(client):
    """Runs the cells of the lesson that takes the most memory, without its exercises."""
    begin = time.monotonic()
    for cell in nbformat.read(home / "notebooks" / "05_parallel_jobs.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and not {"stub", "check", "summary"} & set(cell.metadata.get("tags", [])):
            execute(client, cell.source)
    say("the cells of lesson 05", time.monotonic() - begin)


def lesson():
    """Runs a lesson from top to bottom."""
    begin = time.monotonic()
    done = subprocess.run([sys.executable, course / "notebooks" / "run.py", home / "notebooks" / "00_start_here.ipynb", "/tmp/check.ipynb"],
                          capture_output=True, text=True)
    if done.returncode:
        fail(done.stdout + done.stderr)
    say("lesson 00 from top to bottom", time.monotonic() - begin)


def roots(folder):
    """The course's files belong to root, and nobody else can write them."""
    for path, folders, files in os.walk(folder):
        for name in ["."] + files:
            at = os.lstat(os.path.join(path, name))
            if at.st_uid != 0 or (at.st_mode & 0o022 and not os.path.islink(os.path.join(path, name))):
                fail(f"{os.path.join(path, name)} can be written by others than root")


def written(since):
    """What was written outside home and /tmp."""
    out = subprocess.run(
        ["find", "/", *shlex.split("( -path /proc -o -path /sys -o -path /dev -o -path /tmp"), "-o", "-path", home, *shlex.split(") -prune -o -newer"), since, "-print"],
        capture_output=True, text=True).stdout
    if out:
        fail(f"written outside {home} and /tmp:\n{out}")


def main():
    short = "--short" in sys.argv[1:]
    if not (home / "notebooks" / "00_start_here.ipynb").exists():
        fail("the lessons were not copied")
    since = "/tmp/check-began"
    pathlib.Path(since).touch()
    if os.getuid() == 0:
        fail("this runs as root")
    say(f"user {os.getuid()}, group {os.getgid()}, home {home}")
    if "gonb" not in jupyter_client.kernelspec.find_kernel_specs():
        fail("there is no kernel gonb")
    lab = Lab()
    lab.secure()
    memory = Memory(lab.process.pid)
    memory.start()
    client = lab.kernel()
    say("the first cell", execute(client, hello, "hello from Go"), goal=1)
    say("the first chart", execute(client, chart, "t2g-figure"), goal=2)
    if not short:
        begin = time.monotonic()
        client.complete("import \"fmt\"\n\n%%\nfmt.Printl", reply=True, timeout=60)
        say("the first completion", time.monotonic() - begin)
        largest(client)
        lesson()
    client.execute(endless)
    while client.get_iopub_msg(timeout=60)["content"].get("text", "").find("started") < 0:
        pass
    memory.ended.set()
    say(f"the server, its kernel, gopls and cells had at most {memory.peak} MiB of memory")
    if memory.peak > 1024:
        fail("that is more than 1024 MiB")
    lab.stop()
    written(since)
    roots(course)
    roots(os.environ["COURSE_ENV"])
    say("the course belongs to root, and nothing was written outside home and /tmp")


if __name__ == "__main__":
    main()
