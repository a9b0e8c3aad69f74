"""Time the compilation of each quantiser kernel, and its loading in a second process.

Run it as ``python -m benchmarks.quantise_compile``. Every kernel is called twice in fresh
processes that share a new cache folder; a second process must not compile anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

BODY = """
import json, sys, time
import numpy as np
from numba.core import event

sys.path[:0] = ["tests"]
started, taken = {}, {}

class Watch(event.Listener):
    def on_start(self, happened):
        started[str(happened.data["dispatcher"].py_func.__name__)] = time.thread_time()
    def on_end(self, happened):
        name = str(happened.data["dispatcher"].py_func.__name__)
        taken[name] = max(taken.get(name, 0), time.thread_time() - started[name])

event.register("numba:compile", Watch())
import quantise_sample
import kwspot.kernels.kmeans as k
k.accumulate(np.zeros((1, 1), "f4"), np.zeros(1, int), np.zeros((1, 16)), np.zeros(16, int))
for name, arrays in quantise_sample.results():
    list(arrays)
import kwspot.kernels as home, importlib, pkgutil
hits = {}
modules = "bank bolt bolt_encode bolt_search bolt_tables kmeans maddness maddness_scan"
for module in modules.split():
    for name, item in vars(importlib.import_module("kwspot.kernels." + module)).items():
        if hasattr(item, "stats") and sum(item.stats.cache_hits.values()):
            hits[name] = sum(item.stats.cache_hits.values())
print(json.dumps({"compiled": taken, "hits": hits}))
"""

LOAD = """
import json, time
import numpy as np
from kwspot.kernels import kmeans
labels, sums = np.zeros(1, np.int64), np.zeros((1, 16))
accumulated = np.zeros((1, 1), np.float32), labels, sums, np.zeros(16, np.int64)
kmeans.accumulate(*accumulated)  # numba itself starts here
from kwspot.kernels import bolt
codes, tables = np.zeros(512, np.uint8), np.zeros((16, 16), np.uint8)
times = {}
for name, scan, kind in (("scan_exact", bolt.scan_exact, "u2"),
                         ("scan_saturating", bolt.scan_saturating, "u1")):
    start = time.thread_time()
    scan(codes, tables, np.zeros(64, kind), (0,))
    times[name] = time.thread_time() - start
from kwspot.kernels import bolt_search
none = np.zeros((1, 1), np.int64)
arguments = (codes, tables.reshape(1, -1), none, np.zeros(128, np.uint64),
             np.zeros(0, bool), 64, (0,))
start = time.thread_time()
bolt_search.search(*arguments)
times["search"] = time.thread_time() - start
print(json.dumps(times))
"""


def run(body: str, cache: str) -> dict[str, dict[str, float]]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", body], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        first, second = run(BODY, cache), run(BODY, cache)
        for name, seconds in sorted(first["compiled"].items(), key=lambda item: -item[1]):
            print(f"{name:24} {seconds:6.2f} s")
        print("compiled in a second process:", second["compiled"] or "nothing")
        loads = run(LOAD, cache)
    for name, seconds in loads.items():
        print(f"loads from the cache: {name:18} {1000 * seconds:6.1f} ms")
    print(json.dumps({"compile_s": first["compiled"], "again": second, "load_s": loads}))


if __name__ == "__main__":
    main()
