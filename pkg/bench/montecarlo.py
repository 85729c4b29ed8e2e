# The Monte Carlo program that the course compares with, in the form in which
# many such programs are written: a function per walk that fills a list of
# prices, mapped over all cores by a pool of processes.
#
#   python3 montecarlo.py <processes> <walks>
#
# prints the seconds from before the pool to the last result, the seconds that
# the pool's start took of them, the mean price, and the versions.
import math
import multiprocessing
import platform
import sys
import time

import numpy as np

START, DAYS, DRIFT, VOLATILITY = 100, 250, 0.05, 0.2


def last_price(walk):
    factors = 1 + np.random.normal(DRIFT / DAYS, VOLATILITY / math.sqrt(DAYS), DAYS)
    prices = [START]
    for factor in factors:
        prices.append(prices[-1] * factor)
    return prices[-1]


if __name__ == "__main__":
    processes, walks = int(sys.argv[1]), int(sys.argv[2])
    begin = time.perf_counter()
    pool = multiprocessing.get_context("fork").Pool(processes)
    started = time.perf_counter()
    result = pool.map(last_price, range(walks))
    end = time.perf_counter()
    pool.terminate()
    print(end - begin, started - begin, np.mean(result), platform.python_version(), np.__version__)
