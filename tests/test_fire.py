import naive_sprintz
import numpy as np
import pytest
from hypothesis import given, settings
from test_sprintz import matrices, unsigned

from kwspot.kernels.fire import STATE_BYTES, fire_rows, plain_fire_errors
from kwspot.sprintz import Fire


def naive_errors(x):
    """Forecast by the wide rule, learning from whole blocks only."""
    bits = 8 * x.itemsize
    columns = []
    for values in unsigned(x).T.tolist():
        column = naive_sprintz.Column(bits, low=False, fire=True)
        blocks = [values[i : i + 8] for i in range(0, len(values), 8)]
        columns.append([error for block in blocks for error in column.block(block, encode=True)])
    return np.array(columns, f"int{bits}").T.reshape(x.shape).view(x.dtype)


@settings(max_examples=100, deadline=None)
@given(matrices())
def test_errors_equal_the_naive_ones_and_come_back(x):
    errors = Fire().fit_transform(x)
    np.testing.assert_array_equal(errors, naive_errors(x))
    np.testing.assert_array_equal(Fire().inverse(errors), x)


@settings(max_examples=40, deadline=None)
@given(matrices(dtypes=("int8",)))
def test_the_plain_twin_equals_it(x):
    rows, columns = len(x) // 8 * 8, x.shape[1]
    padded = np.zeros((rows + 2, columns), np.int8)
    padded[2:] = x[:rows]
    out, count = np.zeros_like(padded), np.zeros(columns, np.int16)
    scratch = np.empty(8 * columns, np.int16), np.empty(8 * columns, np.int8)
    plain_fire_errors(padded.ravel(), columns, out.reshape(-1), *scratch, count)
    np.testing.assert_array_equal(out[2:], Fire().fit_transform(x[:rows]))


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("columns", [1, 7, 9, 20, 33, 40, 50, 64, 67, 72, 73, 137])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_rows_may_come_in_parts_and_nothing_is_written_far_behind_them(dtype, columns, inverse):
    rng = np.random.default_rng(columns)
    x = rng.integers(0, 99, 40 * columns).astype(dtype)
    out, room = np.full(x.size + 200, 77, dtype), 64 // x.itemsize
    state = np.zeros(-(-columns // 8) * STATE_BYTES, np.uint8)
    for start, rows in ((0, 8), (8, 24)):
        source = x[start * columns :].copy()
        source.flags.writeable = False
        fire_rows(source, columns, rows, inverse, out[start * columns :], state)
    whole = 32 * columns
    forecast = Fire().inverse if inverse else Fire().fit_transform
    want = forecast(x[:whole].reshape(32, columns))
    np.testing.assert_array_equal(out[:whole].reshape(32, columns), want)
    assert (out[whole + room :] == 77).all()


def test_a_slope_is_learned():
    t = np.arange(2000)[:, None]
    wave = (90 * np.sin(t / np.array([20, 25, 30, 35, 40]))).astype(np.int8)
    errors = np.abs(Fire().fit_transform(wave)[500:].astype(int)).mean()
    deltas = np.abs(np.diff(wave.astype(int), axis=0)[500:]).mean()
    assert errors < 0.65 * deltas


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (9, 1)])
def test_small_inputs_keep_their_shape(shape):
    x = np.ones(shape, np.uint16)
    assert Fire().fit_transform(x).shape == shape
    np.testing.assert_array_equal(Fire().inverse(Fire().fit_transform(x)), x)


def test_what_is_no_such_matrix_is_refused():
    with pytest.raises(TypeError, match="float64"):
        Fire().fit_transform(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="dimension"):
        Fire().inverse(np.zeros(3, np.int8))
