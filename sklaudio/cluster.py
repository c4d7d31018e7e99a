"""Searches and extraction on a cluster of Dask that outlive its workers."""

from joblib._dask import DaskDistributedBackend

__all__ = ["DaskBackend"]


class DaskBackend(DaskDistributedBackend):
    """Run jobs of joblib on workers of Dask that may die: others do their tasks again. The backend "dask".

    joblib puts each array of more than a kilobyte onto one worker, X and the indices of every fold among them. Where
    that worker dies, the array is lost, and the call fails. Here arrays travel with their tasks, but for those in
    `scatter`.

    Parameters
    ----------
    scatter : list of arrays or None, default=None
        Large ones, such as X and y, that all workers get at the start and keep. They last as long as one of these
        workers: call ``client.wait_for_workers(n)`` before, as there must be one, and those that come later have none.
    **settings
        As the "dask" backend takes them, such as `client` and `wait_for_workers_timeout`; and ``submit_kwargs`` of
        :meth:`distributed.Client.submit`, such as ``retries``.

    Examples
    --------
    With a client of a cluster, ``client = distributed.Client(address)``::

        with joblib.parallel_config(backend=DaskBackend(scatter=[X, y])):
            search.fit(X, y)
    """

    def __init__(self, *, scatter=None, **settings):
        super().__init__(scatter=scatter, **settings)

    def start_call(self):
        """Begin a call of joblib's, in which no more than `scatter` is put onto workers."""
        super().start_call()
        self.call_data_futures = None

    def stop_call(self):
        """End the call."""
        self.call_data_futures = {}
        super().stop_call()
