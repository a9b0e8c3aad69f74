import naive_quantise as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.quantise import Int8Bank, best_bank
from kwspot.quantise.bank import exact_scores


def unpacked(bank):
    groups, length, words, _, _ = bank._packed.shape
    whole = bank._packed.transpose(0, 3, 1, 2, 4).reshape(groups * 4, length, words * 4)
    return whole[: bank.shape[0], :, : bank.shape[2]]


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 9),
    st.integers(1, 7),
    st.integers(1, 21),
    st.integers(1, 200),
    st.integers(0, 2**32 - 1),
)
def test_scores_equal_the_naive_integer_sums(k, t, d, n, seed):
    rng = np.random.default_rng(seed)
    frames = (rng.standard_normal((n + t - 1, d)) * 9 + rng.standard_normal(d) * 50).astype("f4")
    templates = rng.standard_normal((k, t, d))
    bank = Int8Bank(templates, frames[: max(n // 2, 1)])  # so that some values are clipped
    step, offset = bank._scales()
    want = naive.bank_scores(frames, bank._low, bank._gain, unpacked(bank), step[:k], offset[:k])
    np.testing.assert_array_equal(bank.scores(frames), want)


def test_extreme_bytes_sum_without_overflow():
    length, width = 1024, 64
    frames = np.zeros((length + 1, width), np.float32)
    frames[1:] = 1
    for sign in (1, -1):
        bank = Int8Bank(np.full((1, length, width), float(sign)), frames)
        np.testing.assert_allclose(bank.scores(frames)[1], sign * length * width, rtol=1e-4)


def test_the_chosen_template_is_as_good_as_the_best():
    rng = np.random.default_rng(0)
    frames = np.cumsum(rng.normal(size=(3000, 20)), axis=0).astype(np.float32)
    templates = np.stack([frames[i : i + 12] for i in rng.integers(0, 2900, 30)])
    bank = Int8Bank(templates, frames)
    exact = exact_scores(frames.astype(float), templates.astype(float))
    chosen = np.take_along_axis(exact, bank.scores(frames).argmax(axis=1)[:, None], 1)[:, 0]
    assert (exact.max(axis=1) - chosen).max() < 0.01 * exact.std()
    assert bank.error < 0.01


def test_a_template_finds_its_place():
    frames = np.random.default_rng(1).normal(size=(500, 13))
    templates = np.stack([frames[i : i + 20] for i in (0, 77, 480)])
    assert Int8Bank(templates, frames).scores(frames).argmax(axis=0).tolist() == [0, 77, 480]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_recordings_shorter_than_a_template_have_no_scores(n):
    frames = np.ones((10, 4))
    bank = Int8Bank(np.ones((2, 4, 4)), frames)
    assert bank.scores(frames[:n]).shape == (0, 2)
    assert np.isnan(Int8Bank(np.ones((2, 4, 4)), frames[:3]).error)


def test_constant_features_and_templates_of_zeros():
    frames = np.full((70, 3), 5.0)
    scores = Int8Bank(np.array([np.zeros((2, 3)), np.ones((2, 3))]), frames).scores(frames)
    np.testing.assert_allclose(scores, np.array([[0, 30]] * 69), rtol=1e-5)


def test_mistakes_are_told():
    frames = np.ones((10, 4))
    bank = Int8Bank(np.ones((2, 3, 4)), frames)
    for call, message in [
        (lambda: Int8Bank(np.ones((2, 3, 5)), frames), "templates must have shape"),
        (lambda: Int8Bank(np.ones((0, 3, 4)), frames), "templates must have shape"),
        (lambda: Int8Bank(np.ones((1, 40000, 4)), frames), "must be at most 66311"),
        (lambda: Int8Bank(np.full((1, 1, 4), np.inf), frames), "templates holds NaN"),
        (lambda: bank.scores(frames[:, :3]), "frames must have shape"),
        (lambda: bank.scores(frames * np.nan), "NaN"),
        (lambda: best_bank(frames, np.ones((5, 1))), "b must have 4 rows"),
        (lambda: best_bank(frames, np.ones((4, 1)), -1), "tolerance must be"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("tolerance", [0, 1e-9, 0.02, 0.5])
def test_the_choice_keeps_its_promise(tolerance):
    rng = np.random.default_rng(0)
    a = (rng.normal(size=(1500, 5)) @ rng.normal(size=(5, 40))).astype(np.float32)
    b = rng.normal(size=(40, 12)).astype(np.float32)
    choice = best_bank(a, b, tolerance)
    want = a.astype(np.float64) @ b
    for found in (choice.matmul(a), choice @ a):
        assert found.shape == want.shape
        assert np.linalg.norm(found - want) <= (tolerance * 1.5 + 1e-6) * np.linalg.norm(want)
    assert choice.kind == "blas" or tolerance > 1e-9
    used = next(item for item in choice.candidates if item.kind == choice.kind)
    assert used.error <= tolerance
    assert used.name in choice.why
    assert f"{tolerance:g}" in choice.why
