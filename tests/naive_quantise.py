"""The plainest NumPy form of every quantiser kernel: what they are tested against."""

import numpy as np


def unblock(blocks, n_bytes):
    """Codes of all rows, (n, n_bytes), from blocks of 32 rows."""
    return blocks.reshape(-1, n_bytes, 32).transpose(0, 2, 1).reshape(-1, n_bytes)


def block(codes):
    """Blocks of 32 rows from codes (n, n_bytes) of whole blocks."""
    n_bytes = codes.shape[1]
    return codes.reshape(-1, 32, n_bytes).transpose(0, 2, 1).reshape(-1)


def nibbles(codes):
    """Codebook numbers (n, 2 n_bytes) from code bytes (n, n_bytes)."""
    return np.stack([codes & 15, codes >> 4], axis=2).reshape(len(codes), 2 * codes.shape[1])


def sums(codes, tables):
    """Sums of table entries for code bytes (n, n_bytes) and tables (2 n_bytes, 16)."""
    picked = nibbles(codes)
    return sum(tables[c].astype(np.int64)[picked[:, c]] for c in range(len(tables)))


def best(codes, tables, k, allowed):
    """Rows of the k least sums, ties to the lower row."""
    total = sums(codes, tables)
    rows = np.flatnonzero(allowed)
    order = np.lexsort((rows, total[rows]))[:k]
    return rows[order], total[rows[order]]


def encode(x, mean, centroids, norms, starts):
    """Code bytes of rows, in float32 and in the order of the kernel."""
    centred = x - mean
    found = np.zeros((len(x), len(norms)), np.uint8)
    for c, norm in enumerate(norms):
        loss = np.repeat(norm[None], len(x), axis=0)
        for j in range(starts[c], starts[c + 1]):
            loss = loss - centred[:, j : j + 1] * centroids[j]
        found[:, c] = loss.argmin(axis=1)
    return found[:, ::2] | found[:, 1::2] << 4


def nearest(x, centroids):
    """Nearest of the centroids (16, s) for every row, and the squared distance."""
    gaps = x[:, None].astype(np.float64) - centroids[None]
    squares = (gaps**2).sum(axis=2)
    return squares.argmin(axis=1), squares.min(axis=1)


def descend(x, columns, thresholds):
    """Codebook numbers (n, c) of trees: columns (c, 4), thresholds (c, 15) by levels."""
    found = np.zeros((len(x), len(columns)), np.uint8)
    for c in range(len(columns)):
        node = np.zeros(len(x), np.int64)
        for level in range(4):
            limit = thresholds[c][2**level - 1 + node]
            node = 2 * node + (x[:, columns[c][level]] > limit)
        found[:, c] = node
    return found


def pack(numbers):
    """Code bytes (n, c / 2) from codebook numbers (n, c)."""
    return numbers[:, ::2] | numbers[:, 1::2] << 4


def averaged_sums(codes, tables):
    """Sums of the rounded-up tree means of 16 entries, for code bytes (n, c / 2)."""
    picked = nibbles(codes)
    entries = [tables[c].astype(np.int64)[picked[:, c]] for c in range(len(tables))]
    total = 0
    for start in range(0, len(entries), 16):
        group = entries[start : start + 16]
        while len(group) > 1:
            group = [(a + b + 1) >> 1 for a, b in zip(group[::2], group[1::2], strict=True)]
        total = total + group[0]
    return total


def bank_scores(frames, low, gain, templates, step, offset):
    """Scores (n - t + 1, k) of the int8 bank: bytes, integer sums, then float32 scaling."""
    scaled = np.clip((frames - low) * gain, np.float32(0), np.float32(255)) + np.float32(0.5)
    columns = scaled.astype(np.int64)
    length = templates.shape[1]
    places = len(frames) - length + 1
    found = np.empty((places, len(templates)), np.float32)
    for i in range(places):
        sums = (templates.astype(np.int64) * columns[i : i + length]).sum(axis=(1, 2))
        found[i] = sums.astype(np.float32) * step + offset
    return found
