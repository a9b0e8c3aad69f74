"""Slow, obvious twins of the kernels of discovery."""

import numpy as np


def warp_cost(cost, slope=2, slack=2):
    """Give the mean cost of the best warp over all of cost (m, n), or inf."""
    m, n = cost.shape
    best = np.full((m, n), np.inf)
    for i in range(m):
        for j in range(n):
            if not max(0, (i + 1) // slope - slack) <= j < (i + 1) * slope + slack:
                continue
            before = [best[i - 1, j] + cost[i, j]] if i else []
            before += [best[i, j - 1] + cost[i, j]] if j else []
            before += [best[i - 1, j - 1] + 2 * cost[i, j]] if i and j else []
            best[i, j] = min(before, default=2 * cost[0, 0] if i == j == 0 else np.inf)
    return best[-1, -1] / (m + n)


def local_costs(cosine, near_a, near_b, weight, typical, most):
    """Give the cost of every pair of frames."""
    near = (near_a[:, None] + near_b) / 2
    return np.clip(1 - cosine + weight * (near - typical), 0, most)


def gains(similarity, absent, chance, length, growth, scale, no_link):
    """Give the evidence of every pair."""
    above = similarity - (chance[:, None] + chance) / 2
    value = scale * above * ((length[:, None] + length) / 2) ** growth
    return np.where(similarity > absent, value, no_link)


def set_score(gain, prior, members, low):
    """Give the score of one set."""
    score = 0
    for a in members:
        links = sorted(gain[a, b] for b in members if b != a)
        score += prior[a] + np.mean(links[:low])
    return score / len(members)


def ascend(gain, prior, first, low, members):
    """Exchange one member at a time for the best of its clip until the set stays the same."""
    members = list(members)
    for _ in range(20):
        before = list(members)
        for k in range(len(members)):
            options = [[*members[:k], i, *members[k + 1 :]] for i in range(first[k], first[k + 1])]
            members = max(options, key=lambda option: set_score(gain, prior, option, low))
        if members == before:
            break
    return members, set_score(gain, prior, members, low)


def thin(order, start, end, window, quota, twin):
    """Give the segments that are kept, the first ones first, as a set of numbers."""
    kept = []
    for i in order:
        at = (start[i] + end[i]) // (2 * window)
        windows = [(start[j] + end[j]) // (2 * window) for j in kept]
        near = [j for j, w in zip(kept, windows, strict=True) if abs(w - at) <= 1]
        overlaps = [
            (min(end[i], end[j]) - max(start[i], start[j]))
            / (max(end[i], end[j]) - min(start[i], start[j]))
            for j in near
        ]
        if windows.count(at) < quota and all(overlap <= twin for overlap in overlaps):
            kept.append(i)
    return set(kept)


def nearest(likeness, length, others, ratio, count):
    """Give the values of the `count` best columns of each row, in ascending order."""
    rows = []
    for row, own in zip(likeness, length, strict=True):
        able = [v for v, n in zip(row, others, strict=True) if max(own / n, n / own) <= ratio]
        rows.append(sorted(able)[-count:])
    return rows


def worth(similarity, seconds, cohort=10, typical=0.4, growth=0.5):
    """Give the evidence between all units of all clips, from their similarities, shape (n, n)."""
    chance = np.maximum(np.sort(similarity, axis=1)[:, -cohort:], 0).mean(axis=1)
    above = similarity - (chance[:, None] + chance) / 2
    return above * ((seconds[:, None] + seconds) / 2 / typical) ** growth


def disjoint(order, owner, start, end, limit, most):
    """Give the segments of each of three clips that overlap none before them, in order."""
    kept = [[], [], []]
    for i in order:
        free = all(
            min(end[i], end[j]) - max(start[i], start[j])
            <= limit * min(end[i] - start[i], end[j] - start[j])
            for j in kept[owner[i]]
        )
        if free and len(kept[owner[i]]) < most:
            kept[owner[i]].append(int(i))
    return kept


def within(odds, group):
    """Give the sum of the odds of all pairs in a group."""
    return sum(odds[i, j] for i in range(len(group)) for j in range(i) if group[i] == group[j])


def next_to(group):
    """Give the groupings that one move of a place, or one union of groups, leads to."""
    groups = sorted(set(group))
    for i in range(len(group)):
        for g in [*groups, -1]:
            yield np.where(np.arange(len(group)) == i, g, group)
    for a in groups:
        for b in groups:
            yield np.where(group == a, b, group)
