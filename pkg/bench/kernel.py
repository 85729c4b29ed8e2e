"""Times cells on two GoNB kernels: the course's, and one as GoNB installs itself.

Reads JSON lines {"kernel": "course" or "default", "cell": source} on standard input and
answers each with {"seconds": …} or {"error": …}. Ends, kernels included, with its input.
"""

import json
import os
import shutil
import subprocess
import sys
import time

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec


class DefaultManager(KernelManager):
    """A kernel without the course's settings; the build caches are the same."""

    @property
    def kernel_spec(self):
        return KernelSpec(argv=[shutil.which("gonb"), "--kernel", "{connection_file}"], language="go", env={})


def start(manager, env):
    manager.start_kernel(env=env, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return client


def run(client, cell):
    failed = []

    def note(message):
        if message["msg_type"] == "error" or message["content"].get("name") == "stderr":
            failed.append(str(message["content"]))

    begin = time.monotonic()
    client.execute_interactive(cell, timeout=120, output_hook=note)
    seconds = time.monotonic() - begin
    return {"error": failed[-1]} if failed else {"seconds": seconds}


def main():
    plain = {k: v for k, v in os.environ.items() if k not in ("GOFLAGS", "GOPROXY", "GODEBUG", "GORACE")}
    managers = {"course": KernelManager(kernel_name="gonb"), "default": DefaultManager()}
    environments = {"course": dict(os.environ), "default": plain}
    clients = {}
    try:
        for name, manager in managers.items():
            clients[name] = start(manager, environments[name])
        for line in sys.stdin:
            request = json.loads(line)
            print(json.dumps(run(clients[request["kernel"]], request["cell"])), flush=True)
    finally:
        for name, manager in managers.items():
            if name in clients:
                clients[name].stop_channels()
            manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
