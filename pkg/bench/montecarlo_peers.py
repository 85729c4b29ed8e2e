"""Times a model's walks on what is fast in Python: numpy, numba and MKL.

Reads JSON lines {"peer": "numpy", "numba" or "MKL", "threads": …, "walks": …, "days": …}
on standard input and answers each with {"seconds": …} or {"error": …}. What is compiled,
and generators, are made before the clock starts. Ends with its input.
"""

import concurrent.futures
import json
import math
import sys
import time

import numpy as np

START, DRIFT, VOLATILITY = 100.0, 0.05, 0.2
CHUNK = 256  # walks whose factors for 250 days are in the cache at a time


def from_factors(draw):
    """Walks from a function that draws normal numbers of a mean and a standard deviation."""

    def walk(generator, prices, days):
        growth, sd = 1 + DRIFT / days, VOLATILITY / math.sqrt(days)
        factors = np.empty((days, CHUNK))
        for i in range(0, len(prices), CHUNK):
            factors = draw(generator, growth, sd, factors)
            prices[i : i + CHUNK] = (START * factors.prod(axis=0))[: len(prices) - i]

    return walk


def numpy_peer():
    def draw(generator, mean, sd, factors):
        generator.standard_normal(out=factors)  # faster than normal, which makes an array
        factors *= sd
        factors += mean
        return factors

    return generators, from_factors(draw)


def generators(threads):
    seeds = np.random.SeedSequence(1).spawn(threads)
    return [np.random.Generator(np.random.SFC64(seed)) for seed in seeds]


def numba_peer():
    import numba

    @numba.njit(nogil=True)
    def walk(generator, prices, days):
        growth, sd = 1 + DRIFT / days, VOLATILITY / math.sqrt(days)
        for i in range(len(prices)):
            price = START
            for _ in range(days):
                price *= growth + sd * generator.standard_normal()
            prices[i] = price

    return generators, walk


def mkl_peer():
    import mkl_random

    def states(threads):
        return [mkl_random.MKLRandomState(seed, brng="SFMT19937") for seed in range(threads)]

    def draw(state, mean, sd, factors):
        return state.normal(mean, sd, factors.shape, method="ICDF")

    return states, from_factors(draw)


PEERS = {"numpy": numpy_peer, "numba": numba_peer, "MKL": mkl_peer}
ready = {}


def run(peer, threads, walks, days):
    if peer not in ready:
        make, walk = PEERS[peer]()
        walk(make(1)[0], np.empty(2 * CHUNK), days)  # compiled
        ready[peer] = make, walk
    make, walk = ready[peer]
    states = make(threads)
    prices = np.empty(walks)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(abs, range(threads)))  # the threads have started
        begin = time.perf_counter()
        list(pool.map(walk, states, np.array_split(prices, threads), [days] * threads))
        seconds = time.perf_counter() - begin
    mean, known = prices.mean(), START * (1 + DRIFT / days) ** days
    if abs(mean - known) > 6 * prices.std() / math.sqrt(walks):
        return {"error": f"{peer}: the mean price is {mean}, want {known}"}
    return {"seconds": seconds}


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = run(**request)
    except Exception as e:
        answer = {"error": f"{request['peer']}: {type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
