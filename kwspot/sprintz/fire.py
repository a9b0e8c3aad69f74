"""FIRE, the forecaster of Sprintz, on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.kernels.alignment import aligned

from .scratch import Array, checked_matrix, read_only, unsigned

if TYPE_CHECKING:
    import numpy.typing as npt


class Fire:
    """Forecast integer time series online, one multiplication a value.

    Each column is forecast by its last value plus a multiple of its last change; the multiple is
    learned as the data goes by, once every 8 rows, by the sign of the errors. Nothing is stored:
    `inverse` learns the same from the errors. All starts from zero at every call.

    Notes
    -----
    The rule of the codec's wide layout for every number of columns: learning rate 1/2, gradient on
    every other row, coefficients cut to 4 bits. Rows that do not fill a last block of 8 are
    forecast, but nothing is learned from them. O(n d) time.
    Source: Blalock, Madden and Guttag, "Sprintz: Time series compression for the Internet of
    Things", 2018.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(4000)[:, None]
    >>> wave = (100 * np.sin(t / [60, 70, 80])).astype(np.int8)
    >>> errors = Fire().fit_transform(wave)
    >>> int(np.abs(np.diff(wave, axis=0)).sum()), int(np.abs(errors[1:]).sum())
    (10979, 8174)
    >>> bool((Fire().inverse(errors) == wave).all())
    True
    """

    def fit_transform(self, x: npt.ArrayLike) -> Array:
        """Turn values into forecast errors.

        Parameters
        ----------
        x : array_like, shape (n, d), int8, uint8, int16 or uint16
            One row a sample.

        Returns
        -------
        numpy.ndarray, shape (n, d), same type
            Value minus forecast, modulo 2**8 or 2**16.

        Raises
        ------
        ValueError, TypeError
            If x is not such a matrix.

        Examples
        --------
        >>> import numpy as np
        >>> Fire().fit_transform(np.array([[5], [7], [9]], np.int8)).ravel().tolist()
        [5, 2, 2]
        """
        return _forecast(checked_matrix(x), inverse=False)

    def inverse(self, errors: npt.ArrayLike) -> Array:
        """Turn forecast errors back into values.

        Parameters
        ----------
        errors : array_like, shape (n, d), int8, uint8, int16 or uint16
            What `fit_transform` returned, from its first row on.

        Returns
        -------
        numpy.ndarray, shape (n, d), same type
            The values.

        Raises
        ------
        ValueError, TypeError
            If errors is not such a matrix.

        Examples
        --------
        >>> import numpy as np
        >>> Fire().inverse(np.array([[5], [2], [2]], np.int8)).ravel().tolist()
        [5, 7, 9]
        """
        return _forecast(checked_matrix(errors), inverse=True)


def _forecast(x: Array, *, inverse: bool) -> Array:
    """Run whole blocks where they lie, and the last rows in a padded copy."""
    from kwspot.kernels.fire import STATE_BYTES, fire_rows

    rows, columns = x.shape
    flat = read_only(unsigned(x))
    out = np.empty(x.size + 64, flat.dtype)
    state = aligned((columns + 7) // 8 * STATE_BYTES)
    # a register may reach 64 items past a row, so the last block is not forecast in place
    whole = max(0, (x.size - 64) // (8 * columns)) * 8
    fire_rows(flat, columns, whole, inverse, out, state)
    left = flat[whole * columns :]
    blocks = -(-(rows - whole) // 8)
    padded = np.zeros(8 * blocks * columns + 64, flat.dtype)
    padded[: left.size] = left
    rest = np.empty_like(padded)
    fire_rows(read_only(padded), columns, 8 * blocks, inverse, rest, state)
    out[whole * columns : x.size] = rest[: left.size]
    return out[: x.size].view(x.dtype).reshape(x.shape)
