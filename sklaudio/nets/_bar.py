"""What a training shows while it runs: one bar where somebody watches, a line per epoch elsewhere."""

from skorch.callbacks import PrintLog

from .._utils.progress import bar
from ._mode import Mode

LAYOUT = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class TrainingLog(PrintLog):
    """With ``verbose=1`` a bar of epoch, losses and time left on a terminal or in a notebook, else skorch's lines."""

    def on_train_begin(self, net, X=None, **kwargs):
        """Begin the bar; the lines have their header anew."""
        super().on_train_begin(net, X=X, **kwargs)
        self.bar_ = None
        if net.verbose == 1 and X is not None:
            n_batches, n_before = -(-len(X) // net.batch_size), len(net.history)
            self.n_epochs_ = n_before + (1 if net.mode is Mode.PARTIAL_FIT else net.max_epochs - n_before)
            total = n_batches * (self.n_epochs_ - n_before)
            self.bar_ = bar(total=total, unit="batch", desc="training", bar_format=LAYOUT)

    def on_epoch_begin(self, net, **kwargs):
        """Name the epoch."""
        if self._is_watched():
            self.bar_.set_description_str(f"epoch {len(net.history)}/{self.n_epochs_}", refresh=False)

    def on_batch_end(self, net, training=False, **kwargs):
        """Count batches, which tell the time left long before an epoch is over."""
        if self._is_watched() and training:
            self.bar_.update()

    def on_epoch_end(self, net, **kwargs):
        """Show the losses, or print the line."""
        if not self._is_watched():
            if net.verbose or self.sink is not print:  # or skorch would format a line that nobody sees
                super().on_epoch_end(net, **kwargs)
            return
        losses = [(name, net.history[-1].get(f"{name}_loss")) for name in ("train", "valid")]
        shown = " ".join(f"{name} {loss:.3f}" for name, loss in losses if loss is not None)
        self.bar_.set_postfix_str(f"loss {shown}", refresh=False)  # or it would be drawn before its delay

    def close(self):
        """End the bar, however training ends."""
        if self._is_watched():
            self.bar_.close()
        self.bar_ = None

    def _is_watched(self):
        return getattr(self, "bar_", None) is not None and not self.bar_.disable
