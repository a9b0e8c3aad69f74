"""EXTRACT once more, slowly: plain loops straight from the steps of the paper.

Only what is random is shared with the fast path: the order in which walks and starts are drawn.
"""

import numpy as np

WALKS = 100


def extract(array, low, high, rng=None):
    """Return the spans, the score, the features X and the blurred features Xb of a series."""
    rng = np.random.default_rng(0) if rng is None else rng
    series = np.asarray(array, float)
    series = series[:, None] if series.ndim == 1 else series
    columns = [standard(column) for column in series.T]
    n = len(series)
    step = high // 10
    width = high + step
    padded = [np.pad(column, high, mode="edge") for column in columns]
    rows = np.array([row for _, row in shape_rows(padded, n, high, rng)]).reshape(-1, n + 2 * high)
    blurred = np.array([blur(row, low) for row in rows]).reshape(rows.shape)
    features, blurred = rows[:, high : high + n], blurred[:, high : high + n]
    kept = features.sum(axis=1) > 1
    features, blurred = features[kept], blurred[kept]
    structure = np.zeros(n)
    for m in (low, low // 2, low // 4, low // 8):
        walks = draw_walks(m, n, rng)
        for column in columns:
            scores = structure_score(column, m, walks)
            structure[: len(scores)] += scores
    best = (0.0, [], 0, None)
    for start in seeds(structure, low, max(step, 1), n - width):
        score, places, phi = best_of_seed(features, blurred, start, width, low)
        if score * (1 - 1e-9) > best[0]:  # more than rounding
            best = (score, places, len(places), phi)
    score, places, k, phi = best
    if not places:
        return [], 0.0, features, blurred
    chance = len(features) * blurred.mean() ** (k - 1)
    found = []
    for t in sorted(places):
        a, b = extent((phi * features[:, t : t + width]).sum(axis=0) - chance, low, high)
        found.append((t + a, t + b))
    return found, score, features, blurred


def standard(column):
    if np.ptp(column) <= 1e-12 * np.abs(column).max():
        return np.zeros(len(column))
    return (column - column.mean()) / column.std()


def draw_walks(m, n, rng):
    if m < 4 or m > n:
        return None
    walks = rng.standard_normal((WALKS, m)).cumsum(axis=1)
    return np.array([walk - walk.mean() for walk in walks])


def structure_score(column, m, walks):
    """Distance of every window to the nearest walk, divided by the largest."""
    sigma = np.diff(column).std()
    if walks is None or sigma == 0:
        return np.zeros(len(column) - max(m, 1) + 1)
    scores = []
    for t in range(len(column) - m + 1):
        window = column[t : t + m] - column[t : t + m].mean()
        scores.append(((window - sigma * walks) ** 2).mean(axis=1).min())
    return np.array(scores) / max(scores)


def shape_rows(padded, n, high, rng):
    """Yield what each row stands for, and the row."""
    lengths = [2**p for p in range(3, 30) if 2**p <= high]
    if len(lengths) < 2:
        lengths = [4, 8] if lengths else [8, 16]
    several = int(np.floor(np.log2(n)))
    for m in lengths:
        if m > len(padded[0]):
            continue
        walks = draw_walks(m, len(padded[0]), rng)
        for c, column in enumerate(padded):
            weight = structure_score(column, m, walks)
            if weight.any():
                count = min(several, np.count_nonzero(weight))
                starts = rng.choice(len(weight), count, replace=False, p=weight / weight.sum())
                for start in starts:
                    row = similarity(column, column[start : start + m])
                    if row is not None and row.sum() > 1 and (row > 0).mean() < 0.5:
                        yield (c, m), row > 0


def similarity(column, shape):
    """Similarity of every window to a shape, at the windows' centres; None for a flat shape."""
    m = len(shape)
    shape = shape - shape.mean()
    if shape.var() < 0.001:
        return None
    values = []
    for t in range(len(column) - m + 1):
        window = column[t : t + m] - column[t : t + m].mean()
        distance = ((window - shape) ** 2).sum() / (m * shape.var())
        values.append(1 - distance if distance <= 0.25 else 0.0)
    row = np.full(len(column), np.median(values))
    shift = (m - 1) // 2
    row[shift : shift + len(values)] = values
    return row


def blur(row, width):
    """Convolve with a Hamming window, divide by the nearby maximum; in steps of 2^-14."""
    smooth = np.convolve(row.astype(float), np.hamming(width))[(width - 1) // 2 :][: len(row)]
    span = width // 2
    out = np.zeros(len(row))
    for t in range(len(row)):
        nearby = smooth[max(t - span // 2, 0) : t - span // 2 + span].max(initial=0)
        if nearby > 0:
            out[t] = smooth[t] / nearby
    return np.round(out * 2**14) / 2**14


def seeds(structure, low, step, last):
    """Return the starts around the two most structured places, first hood first."""
    first = int(np.argmax(structure))
    far = [t for t in range(len(structure)) if abs(t - first) >= low]
    second = max(far, key=lambda t: (structure[t], -t))
    hoods = [{min(max(s + j * step, 0), last) for j in range(-10, 11)} for s in (first, second)]
    return sorted(hoods[0]) + sorted(hoods[1] - hoods[0])


def best_of_seed(features, blurred, start, width, low):
    """Return the best score over k, its places, and their filter."""
    window = blurred[:, start : start + width]
    score = [
        (window * features[:, t : t + width]).sum() for t in range(features.shape[1] - width + 1)
    ]
    places = peaks(score, low)
    places.sort(key=lambda t: -score[t])
    best = (0.0, [], None)
    for k in range(2, len(places) + 1):
        value, phi = log_odds(features, blurred, places, k, width)
        if value > best[0]:
            best = (value, places[:k], phi)
    return best


def peaks(score, apart):
    held, found = 0, []
    for t in range(1, len(score)):
        if t - held >= apart:
            found.append(held)
            held = t
        elif score[t] > score[held]:
            held = t
    return [*found, held]


def log_odds(features, blurred, places, k, width):
    """Return the score and the filter of the first k places."""
    background = blurred.mean(axis=1)
    n = sum(features[:, t : t + width].astype(float) for t in places[:k])
    theta = sum(blurred[:, t : t + width] for t in places[:k]) / k
    phi = np.zeros(theta.shape)
    for r, j in zip(*np.nonzero((n > 0) & (theta > 0.5)), strict=True):
        phi[r, j] = max(np.log(theta[r, j]) - np.log(background[r]), 0)
    enemy = -np.inf
    if k < len(places):
        enemy = k * (phi * features[:, places[k] : places[k] + width]).sum()
    chance = k * blurred.mean() * phi.sum()
    return (n * phi).sum() - max(enemy, chance), phi


def extent(evidence, low, high):
    """Return the run of the greatest sum, by trying all, then grown or shrunk to length."""
    runs = [
        (evidence[a:b].sum(), -a, -b)
        for a in range(len(evidence))
        for b in range(a + 1, len(evidence) + 1)
    ]
    _, a, b = max(runs)
    a, b = -a, -b
    while b - a < low:
        left = evidence[a - 1] if a > 0 else -np.inf
        right = evidence[b] if b < len(evidence) else -np.inf
        a, b = (a - 1, b) if left > right else (a, b + 1)
    while b - a > high:
        a, b = (a + 1, b) if evidence[a] < evidence[b - 1] else (a, b - 1)
    return a, b
