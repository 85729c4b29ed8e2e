"""Times maps of x·x on clusters of this machine: Dask's and Ray's.

Reads JSON lines {"peer": "dask" or "ray", "workers": …, "items": …} on standard input and
answers each with {"seconds": …} or {"error": …}. The clusters start with their first
request and are not timed. They end with the input.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import warnings

out = os.dup(1)  # what the libraries print goes elsewhere
os.dup2(2, 1)
warnings.filterwarnings("ignore")


def square(x):
    return x * x


def use_dask(workers):
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50)
    client = Client(cluster)

    def close():
        client.close()
        cluster.close()

    # pure=False: each call is made, none is remembered.
    return lambda items: client.gather(client.map(square, items, pure=False)), close


def use_ray(workers):
    import ray

    folder = tempfile.mkdtemp(prefix="ray-")
    ray.init(num_cpus=workers, include_dashboard=False, logging_level="ERROR", log_to_driver=False,
             _node_ip_address="127.0.0.1", _temp_dir=folder)
    remote = ray.remote(square)

    def close():
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)

    return lambda items: ray.get([remote.remote(x) for x in items]), close


def main():
    maps, ends = {}, []
    for line in sys.stdin:
        request = json.loads(line)
        peer, workers, items = request["peer"], request["workers"], range(request["items"])
        try:
            if peer not in maps:
                maps[peer], end = {"dask": use_dask, "ray": use_ray}[peer](workers)
                ends.append(end)
                maps[peer](items)
            begin = time.perf_counter()
            results = maps[peer](items)
            seconds = time.perf_counter() - begin
            answer = {"seconds": seconds} if results[-1] == items[-1] ** 2 else {"error": f"the last result is {results[-1]}"}
        except Exception as e:
            answer = {"error": f"{peer}: {type(e).__name__}: {e}"}
        os.write(out, (json.dumps(answer) + "\n").encode())
    for end in ends:
        end()


if __name__ == "__main__":
    main()
