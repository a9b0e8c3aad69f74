"""Slow, obvious twins of the measures."""

from __future__ import annotations

from itertools import permutations


def iou(a, b):
    """Shared time over covered time of two spans."""
    shared = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / ((a[1] - a[0]) + (b[1] - b[0]) - shared)


def best_matching(reference, estimated, min_iou):
    """Most pairs and greatest overlap, found by trying every choice."""
    few, many = sorted((reference, estimated), key=len)
    best = (0, 0.0)
    for chosen in permutations(many, len(few)):
        overlaps = [iou(a, b) for a, b in zip(few, chosen, strict=True)]
        able = [value for value in overlaps if value >= min_iou - 1e-9]
        best = max(best, (len(able), sum(able)))
    return best


def miss_and_accept(genuine, impostor, threshold):
    """Error rates at one threshold, counted."""
    return (
        sum(score < threshold for score in genuine) / len(genuine),
        sum(score >= threshold for score in impostor) / len(impostor),
    )


def calibration_error(probability, outcome, bins):
    """Gap of each bin, weighted by how many it holds."""
    total = 0.0
    for k in range(bins):
        held = [
            (p, o)
            for p, o in zip(probability, outcome, strict=True)
            if k / bins <= p < (k + 1) / bins or (k == bins - 1 and p == 1)
        ]
        if held:
            said = sum(p for p, _ in held) / len(held)
            came = sum(o for _, o in held) / len(held)
            total += abs(said - came) * len(held) / len(probability)
    return total
