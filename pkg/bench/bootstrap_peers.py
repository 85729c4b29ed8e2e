"""Times mean, standard deviation and skewness of resamples, on what Python offers.

Reads JSON lines {"peer": …, "workers": …, "values": …, "resamples": …} on standard input
and answers each with {"seconds": …} or {"error": …}. What is compiled, and processes, are
made before the clock starts. Ends, processes included, with its input.

The peer "queue" has the shape in which such programs are written: workers that take from a
queue, draw with numpy's choice, and append the three to a shared list. The others do the
same work as fast as each library can.
"""

import json
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.stats import skew

ROWS = 10  # resamples whose values are in the cache at a time


def data(values):
    return np.random.default_rng(1).normal(11, 7, values)


def spread(resamples, workers):
    return [len(part) for part in np.array_split(np.empty(resamples), workers)]


def vectorized(x, resamples, seed):
    """The three of many resamples: sums around the sample's mean, all in numpy."""
    generator = np.random.Generator(np.random.SFC64(seed))
    mean = x.mean()
    differences = x - mean
    result = np.empty((resamples, 3))
    for i in range(0, resamples, ROWS):
        k = min(ROWS, resamples - i)
        d = differences[generator.integers(0, len(x), (k, len(x)), dtype=np.uint32)]
        d1 = d.mean(axis=1)
        square = d * d
        d2 = square.mean(axis=1)
        square *= d
        d3 = square.mean(axis=1)
        m2 = d2 - d1 * d1
        m3 = d3 - 3 * d1 * d2 + 2 * d1**3
        result[i : i + k] = np.stack([mean + d1, np.sqrt(m2), m3 / m2**1.5], axis=1)
    return result


def with_queue(workers):
    def run(x, resamples):
        work, statistics = queue.Queue(), []

        def resample():
            while work.get() is not None:
                sample = np.random.choice(x, len(x))
                statistics.append((sample.mean(), sample.std(), skew(sample)))
                work.task_done()
            work.task_done()

        threads = [threading.Thread(target=resample, daemon=True) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for i in range(resamples):
            work.put(i)
        work.join()
        for _ in threads:
            work.put(None)
        return np.array(statistics)

    return run


def with_threads(workers):
    threads = ThreadPoolExecutor(workers)

    def run(x, resamples):
        parts = spread(resamples, workers)
        return np.concatenate(list(threads.map(vectorized, [x] * workers, parts, range(workers))))

    return run


def with_joblib(workers):
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=workers)

    def run(x, resamples):
        parts = spread(resamples, workers)
        return np.concatenate(parallel(delayed(vectorized)(x, n, seed) for seed, n in enumerate(parts)))

    return run


def with_numba(workers):
    import numba

    @numba.njit(nogil=True)
    def resample(generator, x, result):
        mean, n = x.mean(), len(x)
        for i in range(len(result)):
            d1 = d2 = d3 = 0.0
            for _ in range(n):
                d = x[int(generator.random() * n)] - mean
                d1 += d
                d2 += d * d
                d3 += d * d * d
            d1, d2, d3 = d1 / n, d2 / n, d3 / n
            m2 = d2 - d1 * d1
            result[i, 0] = mean + d1
            result[i, 1] = m2**0.5
            result[i, 2] = (d3 - 3 * d1 * d2 + 2 * d1**3) / m2**1.5

    threads = ThreadPoolExecutor(workers)

    def run(x, resamples):
        result = np.empty((resamples, 3))
        generators = [np.random.Generator(np.random.SFC64(seed)) for seed in range(workers)]
        list(threads.map(resample, generators, [x] * workers, np.array_split(result, workers)))
        return result

    return run


PEERS = {"queue": with_queue, "threads": with_threads, "joblib": with_joblib, "numba": with_numba}
ready = {}


def run(peer, workers, values, resamples):
    x = data(values)
    if (peer, workers) not in ready:
        ready[peer, workers] = PEERS[peer](workers)
        ready[peer, workers](x, 2 * workers)  # compiled, and processes started
    begin = time.perf_counter()
    result = ready[peer, workers](x, resamples)
    seconds = time.perf_counter() - begin
    # The mean of all resamples' means and standard deviations is near the sample's.
    off = np.abs(result[:, :2].mean(axis=0) - [x.mean(), x.std()])
    if len(result) != resamples or not (off < 6 * x.std() / np.sqrt(values * resamples) + x.std() / values).all():
        return {"error": f"{peer}: {len(result)} resamples, whose statistics are off by {off}"}
    return {"seconds": seconds}


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = run(**request)
        except Exception as e:
            answer = {"error": f"{request['peer']}: {type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)
