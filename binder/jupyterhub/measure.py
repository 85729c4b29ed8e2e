"""Measures a class on this machine: many students at once, each with a server of JupyterHub.

    measure.py [--students 10] [--lesson 03] [--scale small]

A throw-away JupyterHub with its proxy serves this machine alone, on loopback. One student runs
a lesson's cells, one after the other; then as many as asked do so at the same time. Both are
done twice: with the build cache that students share (binder/start links it, read-only), and
with a copy for each. The Go modules (GOMODCACHE) are shared and read-only in both. It prints a table:

    server   from the request until the student's server answers
    output   from there until the kernel has started and the first cell has shown something
    lesson   from the first cell until the last has ended; the slowest student's beside the median
    memory   the most that a student's processes had, server, kernel, gopls and cells; what
             students share (programs, cached files in use) counts in equal parts

It needs an environment made by `binder/setup hub`, and npm; run it with binder/start. Nothing
that it starts outlives it, also after Ctrl-C.
"""

import argparse
import asyncio
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import nbformat
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

here = pathlib.Path(__file__).resolve().parent
course = here.parent.parent
env = pathlib.Path(os.environ.get("COURSE_ENV") or sys.exit("measure: run this with binder/start"))
patience = 600  # seconds that anything may take
grace = 60  # seconds that the hub has to end


def free_ports(n):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Hub:
    """JupyterHub in a folder, for as long as the context lasts."""

    def __init__(self, folder, scale):
        self.folder, self.token = folder, secrets.token_hex()
        port, hub, api = free_ports(3)
        self.url = f"127.0.0.1:{port}"
        options = {
            "JupyterHub.bind_url": f"http://{self.url}",
            "JupyterHub.hub_bind_url": f"http://127.0.0.1:{hub}",
            "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{api}",
            "ConfigurableHTTPProxy.command": [str(folder / "node_modules/.bin/configurable-http-proxy")],
            "JupyterHub.services": [{"name": "measure", "api_token": self.token}],
            "JupyterHub.load_roles": [{"name": "measure", "services": ["measure"],
                                       "scopes": ["admin:users", "admin:servers", "access:servers"]}],
            # Nobody logs in, and nobody else knows this password.
            "JupyterHub.authenticator_class": "dummy",
            "DummyAuthenticator.password": secrets.token_hex(),
            "Authenticator.allow_all": True,
            "JupyterHub.spawner_class": "simple",
            "SimpleLocalProcessSpawner.home_dir_template": str(folder / "home" / "{username}"),
            "Spawner.cmd": [str(course / "binder/start"), "jupyterhub-singleuser"],
            "Spawner.args": ["--allow-root"] if os.getuid() == 0 else [],
            "Spawner.environment": {"COURSE_ENV": str(env), "COURSE_SCALE": scale},
            "Spawner.start_timeout": patience,
            "Spawner.http_timeout": patience,
        }
        lines = [f"c.{name} = {value!r}\n" for name, value in options.items()]
        # The students have this process's number, so they could write the environment: their
        # state is named, and lies where it does for others.
        lines.append(f"c.Spawner.environment['COURSE_STATE'] = lambda s: f'{folder}/home/{{s.user.name}}/.threads2go'\n")
        (folder / "config.py").write_text("c = get_config()\n" + "".join(lines))

    async def __aenter__(self):
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", self.folder / "config.py"], cwd=self.folder,
            stdout=self.log, stderr=self.log, start_new_session=True,
            env={**os.environ, "COURSE_MEASURE": str(self.folder)})  # by which its proxy is found
        try:
            await self.until("the hub", lambda: self.ask("GET", "/hub/api/"))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            pass
        finally:
            for pid in left(self.folder):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    async def ask(self, method, path, body={}):
        request = HTTPRequest(
            f"http://{self.url}{path}", method, headers={"Authorization": f"token {self.token}"}, request_timeout=patience,
            body=json.dumps(body) if method == "POST" else None)
        answer = await AsyncHTTPClient(max_clients=1000).fetch(request)
        return json.loads(answer.body or "null")

    async def until(self, what, question):
        """Asks until the answer is true; the hub may not answer yet."""
        end = time.monotonic() + patience
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if answer := await question():
                    return answer
            except (HTTPClientError, ConnectionError, OSError):
                pass
            await asyncio.sleep(0.1)
        sys.exit(f"measure: {what} does not come:\n{(self.folder / 'log').read_text()[-3000:]}")

    def give(self, name, private):
        """A student's home: the lessons, and a copy of the build cache if it is not to be shared."""
        home = self.folder / "home" / name
        shutil.copytree(course / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns("*.go", "images", "testdata"))
        if private:
            shutil.copytree(env / "go-build", home / ".threads2go/go-build")
            shutil.copy(env / ".setup/warmed", home / ".threads2go/warmed")

    async def student(self, name, cells):
        """Runs the cells as that student; returns seconds until the server, the output, the end."""
        begin = time.monotonic()
        await self.ask("POST", f"/hub/api/users/{name}")
        await self.ask("POST", f"/hub/api/users/{name}/server")

        async def ready():
            return (await self.ask("GET", f"/hub/api/users/{name}"))["servers"].get("", {}).get("ready")
        await self.until(f"the server of {name}", ready)
        server = time.monotonic()
        kernel = await self.ask("POST", f"/user/{name}/api/kernels", {"name": "gonb", "path": "notebooks"})
        channel = await websocket_connect(HTTPRequest(
            f"ws://{self.url}/user/{name}/api/kernels/{kernel['id']}/channels", headers={"Authorization": f"token {self.token}"}),
            max_message_size=1 << 30)
        first = None
        for cell in cells:
            seen = await asyncio.wait_for(execute(channel, cell), patience)
            if first is None:
                start, first = seen["sent"], seen["output"]
        end = time.monotonic()
        channel.close()
        return server - begin, first - server, end - start

    async def leave(self, name):
        await self.ask("DELETE", f"/hub/api/users/{name}/server")
        await self.until(f"the end of {name}'s server", lambda: self.gone(name))

    async def gone(self, name):
        return not (await self.ask("GET", f"/hub/api/users/{name}"))["servers"]


async def execute(channel, cell):
    """Runs a cell; returns when it was sent and when its first output came."""
    message = uuid.uuid4().hex
    sent, output = time.monotonic(), None
    await channel.write_message(json.dumps({
        "channel": "shell", "parent_header": {}, "metadata": {},
        "header": {"msg_id": message, "msg_type": "execute_request", "session": message, "username": "", "version": "5.4", "date": ""},
        "content": {"code": cell.source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": False}}))
    while True:
        answer = await channel.read_message()
        if answer is None:
            sys.exit("measure: a kernel went away")
        answer = json.loads(answer)
        if answer["parent_header"].get("msg_id") != message:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind in ("stream", "display_data", "execute_result") and output is None:
            output = time.monotonic()
        if kind == "error" and "raises-exception" not in cell.metadata.get("tags", []):
            sys.exit(f"measure: cell {cell.id} failed: {content}")
        if kind == "status" and content["execution_state"] == "idle":
            return {"sent": sent, "output": output or time.monotonic()}


def processes(folder):
    """The processes that students started, by number: whose."""
    found = {}
    pattern = re.compile(rb"COURSE_STATE=" + re.escape(str(folder).encode()) + rb"/home/([^/]+)/")
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if owner := pattern.search((path / "environ").read_bytes()):
                found[int(path.name)] = owner[1].decode()
        except OSError:
            continue  # it has ended, or is another user's
    return found


def left(folder):
    """The hub, its proxy and all that students started: their environment names the folder."""
    found = []
    pattern = re.compile(rb"COURSE_(MEASURE|STATE)=" + re.escape(str(folder).encode()))
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if pattern.search((path / "environ").read_bytes()):
                found.append(int(path.name))
        except OSError:
            continue
    return found


class Memory(threading.Thread):
    """The most memory that each student's processes had, in MiB, and all of them together."""

    def __init__(self, folder, students):
        super().__init__(daemon=True)
        self.folder, self.students = folder, students
        self.peak, self.together, self.ended = {}, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.5):
            now = {}
            for pid, owner in processes(self.folder).items():
                if owner not in self.students:
                    continue  # of an earlier phase, and about to end
                try:
                    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                    now[owner] = now.get(owner, 0) + int(re.search(r"(?m)^Pss: *(\d+)", rollup)[1]) / 1024
                except (OSError, TypeError):
                    continue
            for owner, mib in now.items():
                self.peak[owner] = max(self.peak.get(owner, 0), mib)
            self.together = max(self.together, sum(now.values()))


async def phase(hub, names, cells, private):
    for name in names:
        hub.give(name, private)
    memory = Memory(hub.folder, names)
    memory.start()
    times = await asyncio.gather(*(hub.student(name, cells) for name in names))
    memory.ended.set()
    memory.join()
    await asyncio.gather(*(hub.leave(name) for name in names))
    disk = statistics.median(used(hub.folder / "home" / name) for name in names)
    server, output, lesson = (sorted(t) for t in zip(*times))
    print(f"| {'a copy each' if private else 'shared'} | {len(names)} | {statistics.median(server):.1f} | "
          f"{statistics.median(output):.1f}, {output[-1]:.1f} | {statistics.median(lesson):.0f}, {lesson[-1]:.0f} | "
          f"{max(memory.peak.values()):.0f} | {memory.together:.0f} | {disk:.0f} |", flush=True)
    return lesson[-1]


def used(folder):
    """MB on disk; a link counts as itself."""
    return sum(p.lstat().st_blocks for p in folder.rglob("*")) * 512 / 1e6


async def measure(folder, students, cells, scale):
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    async with Hub(folder, scale) as hub:
        print("| build cache | students | server, s | first output, s: median, slowest | lesson, s: median, slowest "
              "| memory of one, MiB | of all, MiB | home, MB |\n|---|---|---|---|---|---|---|---|")
        for private in [False, True]:
            kind = "private" if private else "shared"
            alone = await phase(hub, [f"{kind}-alone"], cells, private)
            slowest = await phase(hub, [f"{kind}-{i}" for i in range(students)], cells, private)
            print(f"<!-- {kind}: the slowest of {students} takes {slowest / alone:.1f} times as long as one alone; "
                  f"load average {os.getloadavg()[0]:.1f} -->")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=10)
    parser.add_argument("--lesson", default="03", help="how the notebook's name begins")
    parser.add_argument("--scale", default="small", choices=["small", "full"], help="COURSE_SCALE of the students")
    args = parser.parse_args()
    found = sorted((course / "notebooks").glob(args.lesson + "*.ipynb"))
    if len(found) != 1:
        sys.exit(f"measure: {len(found)} notebooks begin with {args.lesson!r}")
    if not (env / ".setup/hub").exists():
        sys.exit(f"measure: {env} has no JupyterHub; run: COURSE_ENV={env} binder/setup hub")
    if not shutil.which("npm"):
        sys.exit("measure: JupyterHub's proxy needs Node and npm (Debian, Ubuntu: sudo apt install npm)")
    cells = [c for c in nbformat.read(found[0], as_version=4).cells if c.cell_type == "code"]
    print(f"<!-- {found[0].name}, {len(cells)} cells, scale {args.scale}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before -->")
    with tempfile.TemporaryDirectory(prefix="measure") as folder:
        folder = pathlib.Path(folder).resolve()
        for name in ["package.json", "package-lock.json"]:
            shutil.copy(here / name, folder)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        asyncio.run(measure(folder, args.students, cells, args.scale))


if __name__ == "__main__":
    main()
