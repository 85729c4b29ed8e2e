"""Times maps of x·x on processes: multiprocessing's Pool and joblib's loky.

Reads JSON lines {"library": "multiprocessing" or "loky", "workers": …, "items": …} on
standard input and answers each with {"seconds": …} or {"error": …}. The processes start
with the first request and are not timed. Ends, processes included, with its input.
"""

import json
import multiprocessing
import sys
import time


def square(x):
    return x * x


def use_pool(workers):
    pool = multiprocessing.get_context("fork").Pool(workers)
    return lambda items: pool.map(square, items)


def use_loky(workers):
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=workers)  # its backend is loky
    return lambda items: parallel(delayed(square)(x) for x in items)


def main():
    maps = {}
    for line in sys.stdin:
        request = json.loads(line)
        library, workers, items = request["library"], request["workers"], range(request["items"])
        try:
            if library not in maps:
                maps[library] = {"multiprocessing": use_pool, "loky": use_loky}[library](workers)
                maps[library](items)
            begin = time.perf_counter()
            out = maps[library](items)
            seconds = time.perf_counter() - begin
            answer = {"seconds": seconds} if out[-1] == items[-1] ** 2 else {"error": f"the last result is {out[-1]}"}
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
