"""Discovery tasks in which one clip of five says the hidden word several times."""

from __future__ import annotations


def repeated_task(maker, takes, rng, level, speakers, *, times, clips=5, distractors=4):
    """Make a task as `maker.discover_task` does, with the word `times` times in one of the clips.

    No take of the word is used twice; each other word is in at most three clips.
    """
    by = {}
    for take in takes:
        by.setdefault((take.word, take.speaker), []).append(take)
    words = sorted({word for word, _ in by})
    word = words[rng.integers(len(words))]
    able = sorted(name for w, name in by if w == word and len(by[w, name]) >= clips + times)
    if speakers == "one":
        who = [able[rng.integers(len(able))]] * clips
    else:
        who = rng.choice(able, clips, replace=len(able) < clips)
    often = rng.integers(clips)
    allowed = {w: set(rng.choice(clips, 3, replace=False)) for w in words if w != word}
    fresh = {name: list(rng.permutation(len(by[word, name]))) for name in able}
    made = []
    for i, name in enumerate(who):
        chosen = [by[word, name][fresh[name].pop()] for _ in range(times if i == often else 1)]
        pool = [w for w in allowed if i in allowed[w] and (w, name) in by]
        bag = []
        while pool and len(bag) < distractors:
            bag += list(rng.permutation(pool))
        chosen += [by[w, name][rng.integers(len(by[w, name]))] for w in bag[:distractors]]
        gap = (0.0, 0.02) if level == "fluent" else (0.08, 0.5)
        order = rng.permutation(len(chosen))
        made.append(maker.mix([chosen[j] for j in order], word, rng, gap=gap, pad=(0.2, 0.8)))
    return word, made
