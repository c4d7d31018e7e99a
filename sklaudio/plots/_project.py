"""Two dimensions of many: PCA, t-SNE or UMAP of embeddings."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from .._utils.terminal import shortened
from ._suspects import MAX_DIMS

METHODS = "pca", "tsne", "umap"
FEWEST = 4  # clips that t-SNE and UMAP take


def reduce_dims(embedding):
    """Standardize each dim, and keep the principal components: (n_clips, at most 50)."""
    scaled = StandardScaler().fit_transform(embedding)
    if not scaled.any():  # one clip, or such as are all alike
        return np.zeros((len(scaled), 1))
    n_components = max(1, min(MAX_DIMS, *scaled.shape))
    return PCA(n_components, svd_solver="full").fit_transform(scaled)


def project(reduced, method, random_state):
    """Bring reduced embeddings to a plane.

    Parameters
    ----------
    reduced : ndarray of shape (n_clips, n_components)
        As :func:`reduce_dims` returns them.
    method : {"pca", "tsne", "umap"}
        How.
    random_state : int, RandomState or None
        Seed of t-SNE and UMAP.

    Returns
    -------
    coordinates : ndarray of shape (n_clips, 2)
        Where each clip is.
    axes : tuple of str
        What the axes are called.

    Raises
    ------
    ImportError
        If UMAP is not installed.
    ValueError
        If there is no such method, or too few clips for it.
    """
    if method not in METHODS:
        raise ValueError(f"method={shortened(method)} is not known. Use 'pca', 'tsne' or 'umap'.")
    if method == "pca":
        variance = np.var(reduced, axis=0)
        fractions = np.pad(variance / max(variance.sum(), np.finfo(float).tiny), (0, 1))
        axes = tuple(f"component {n + 1} ({fractions[n]:.0%} of the variance shown)" for n in range(2))
        return np.pad(reduced, ((0, 0), (0, 1)))[:, :2], axes
    if len(reduced) < FEWEST:
        raise ValueError(f"method={method!r} takes {FEWEST} clips or more, and there are {len(reduced)}. Use 'pca'.")
    if method == "tsne":
        from sklearn.manifold import TSNE

        perplexity = min(30.0, (len(reduced) - 1) / 3)
        return TSNE(perplexity=perplexity, random_state=random_state).fit_transform(reduced), ("t-SNE 1", "t-SNE 2")
    try:
        from umap import UMAP
    except ImportError as error:
        raise ImportError("method='umap' needs umap-learn. Run: pip install umap-learn, or use 'tsne'.") from error
    n_neighbors = min(15, len(reduced) - 1)
    umap = UMAP(n_neighbors=n_neighbors, random_state=random_state, init="spectral" if len(reduced) > 10 else "random")
    return umap.fit_transform(reduced), ("UMAP 1", "UMAP 2")
