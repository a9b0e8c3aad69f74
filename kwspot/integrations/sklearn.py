"""Bolt as a scikit-learn estimator: the one module that imports scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from kwspot.quantise.bolt import BoltIndex

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix


class BoltNeighbors(BaseEstimator):  # type: ignore[misc]
    """Approximate nearest neighbours, in the manner of ``sklearn.neighbors.NearestNeighbors``.

    Parameters
    ----------
    n_neighbors : int
        Neighbours of a query, unless a method is told otherwise.
    metric : {"l2", "cosine"}
        Euclidean distance, or 1 minus the cosine.
    n_bytes : {8, 16, 32}
        Code bytes a row.
    rerank : int
        How many candidates are compared exactly; 0 keeps codes only.
    rotate : bool
        Rotate to principal axes before encoding.
    random_state : int or None
        Seed of the codebooks.

    Attributes
    ----------
    index_ : kwspot.quantise.BoltIndex
        The index.
    n_features_in_, n_samples_fit_ : int
        Columns and rows seen by `fit`.

    Notes
    -----
    Source: Blalock and Guttag, "Bolt", KDD 2017.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(200, 8))
    >>> distances, neighbours = BoltNeighbors(3).fit(x).kneighbors(x[:2])
    >>> neighbours[:, 0].tolist(), distances.shape
    ([0, 1], (2, 3))
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        metric: str = "l2",
        n_bytes: int = 16,
        rerank: int = 100,
        rotate: bool = True,
        random_state: int | None = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.n_bytes = n_bytes
        self.rerank = rerank
        self.rotate = rotate
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: Any = None) -> BoltNeighbors:  # noqa: ARG002, N803
        """Learn from rows and index them.

        Parameters
        ----------
        X : array_like, shape (n, d), float
            Rows.
        y : ignored
            For the sake of scikit-learn's pipelines.

        Returns
        -------
        BoltNeighbors
            The estimator itself.

        Raises
        ------
        ValueError
            If a parameter or an input does not fit.
        """
        rows = validate_data(self, X, dtype=np.float32)
        if self.metric not in ("l2", "cosine"):
            msg = f"metric must be 'l2' or 'cosine', got {self.metric!r}"
            raise ValueError(msg)
        index = BoltIndex(
            self.metric,  # type: ignore[arg-type]
            n_bytes=self.n_bytes,  # type: ignore[arg-type]
            rerank=self.rerank,
            rotate=self.rotate,
        )
        self.index_ = index.fit(rows, rng=np.random.default_rng(self.random_state)).add(rows)
        self.n_samples_fit_ = len(rows)
        return self

    def kneighbors(
        self,
        X: npt.ArrayLike | None = None,  # noqa: N803
        n_neighbors: int | None = None,
        return_distance: bool = True,
    ) -> Any:
        """Find the nearest indexed rows.

        Parameters
        ----------
        X : array_like, shape (q, d), optional
            Queries.
        n_neighbors : int, optional
            How many; by default as set for the estimator.
        return_distance : bool
            Whether to return distances as well.

        Returns
        -------
        distances : ndarray, shape (q, n_neighbors), float32
            Nearest first; only if `return_distance`.
        neighbours : ndarray, shape (q, n_neighbors), int64
            Their row numbers.

        Raises
        ------
        ValueError
            If the estimator is not fitted, an input does not fit, or there are too few rows.
        """
        check_is_fitted(self)
        if X is None:
            raise ValueError("X is needed: the rows themselves are not kept for queries")
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        count = self.n_neighbors if n_neighbors is None else n_neighbors
        if not 1 <= count <= self.n_samples_fit_:
            msg = f"n_neighbors must be 1 to {self.n_samples_fit_}, got {count}"
            raise ValueError(msg)
        scores, neighbours = self.index_.search(rows, count)
        if not return_distance:
            return neighbours
        if self.metric == "cosine":
            return 1 - scores, neighbours
        return np.sqrt(np.maximum(-scores, 0)), neighbours

    def kneighbors_graph(
        self,
        X: npt.ArrayLike,  # noqa: N803
        n_neighbors: int | None = None,
        mode: str = "connectivity",
    ) -> csr_matrix:
        """Collect neighbours in a sparse matrix.

        Parameters
        ----------
        X : array_like, shape (q, d)
            Queries.
        n_neighbors : int, optional
            How many; by default as set for the estimator.
        mode : {"connectivity", "distance"}
            What the entries are: ones or distances.

        Returns
        -------
        scipy.sparse.csr_matrix, shape (q, n)
            The graph.

        Raises
        ------
        ValueError
            As `kneighbors`, or if `mode` is none of the above.
        """
        from scipy.sparse import csr_matrix

        if mode not in ("connectivity", "distance"):
            msg = f"mode must be 'connectivity' or 'distance', got {mode!r}"
            raise ValueError(msg)
        distances, neighbours = self.kneighbors(X, n_neighbors)
        values = np.ones(neighbours.size) if mode == "connectivity" else distances.ravel()
        starts = np.arange(0, neighbours.size + 1, neighbours.shape[1])
        shape = (len(neighbours), self.n_samples_fit_)
        return csr_matrix((values, neighbours.ravel(), starts), shape=shape)
