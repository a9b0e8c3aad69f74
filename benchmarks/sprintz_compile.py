"""Time the compilation of each Sprintz and FIRE kernel, and its loading in a second process.

Run it as ``python -m benchmarks.sprintz_compile``. Each kernel is called in a fresh process with an
empty cache folder and again in a second one, which must not compile anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from benchmarks import quantise_common as common

BODY = """
import json, time
import numba, numpy as np

@numba.njit
def first(x):
    return x + 1

first(1)  # numba itself starts here
from kwspot import sprintz
from kwspot.kernels import average, checksum, fire, nibbles, sprintz as streams
from kwspot.sprintz.scratch import read_only
x = (np.arange(32000).reshape(-1, 8) // 7).astype(np.uint8)
y = x.astype(np.uint16)
taken = {}

def call(name, function):
    start = time.thread_time()
    result = function()
    taken[name] = time.thread_time() - start
    return result

call("checksum", lambda: sprintz.container._checksum(b"abc"))
for name, z in (("8 bits", x), ("16 bits", y)):
    data = call("encode_chunks " + name, lambda: sprintz.encode(z))
    shape = dict(rows=4000, columns=8, dtype=z.dtype)
    call("decode_chunks " + name, lambda: sprintz.decode(data, **shape))
    call("fire_rows " + name, lambda: sprintz.Fire().fit_transform(z))
    none = read_only(np.zeros(64, np.uint8))
    codes, extras = np.zeros(128, z.dtype), np.zeros(0, z.dtype)
    call("join_codes " + name, lambda: nibbles.join_codes(none, none, 0, extras, codes))
    data = call("average_errors " + name, lambda: sprintz.compress(z, mode="archive"))
    call("average_values " + name, lambda: sprintz.decompress(data))
kernels = [checksum.checksum, streams.encode_chunks, streams.decode_chunks, fire.fire_rows,
           average.average_errors, average.average_values, nibbles.join_codes]
compiled = sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels)
print(json.dumps([taken, compiled]))
"""


def run(folder: str) -> tuple[dict[str, float], int]:
    """Call every kernel in a fresh process; return CPU seconds of each, and how many compiled."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
    done = subprocess.check_output([sys.executable, "-c", BODY], env=environment, text=True)
    taken, compiled = json.loads(done)
    return taken, compiled


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        compiled, (loaded, again) = run(folder)[0], run(folder)
    if again:
        raise SystemExit(f"{again} kernels were compiled twice")
    lines = [
        f"{name:24} compile {compiled[name]:5.2f} s, load {1e3 * loaded[name]:5.1f} ms"
        for name in compiled
    ]
    common.report("sprintz compile", lines, {"compile": compiled, "load": loaded})


if __name__ == "__main__":
    main()
