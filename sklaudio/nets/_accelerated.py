"""One training on several GPUs: skorch's AccelerateMixin around the net, a part of each batch for each process.

``accelerate launch`` starts the processes; each calls `fit` with the same clips and gets the same net. Losses are
means over all processes, so that early stopping and schedules decide alike everywhere.
"""

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast, broadcast_object_list
from skorch.hf import AccelerateMixin

from ._batches import Batches, take
from ._callbacks import unwrap
from ._skorch_net import copy_weights


class SharedBatches(Batches):
    """The batches of one process: of every run of clips drawn, as many for each.

    Parameters
    ----------
    dataset, batch_size, shuffle
        As in :class:`Batches`.
    rank, n_processes : int
        Which process this is, of how many.
    """

    def __init__(self, dataset, batch_size, shuffle=False, *, rank=0, n_processes=1):
        super().__init__(dataset, batch_size, shuffle)
        self.rank = rank
        self.n_processes = n_processes

    def __len__(self):
        return -(-len(self.dataset) // (self.batch_size * self.n_processes))

    def __iter__(self):
        everyone = Batches(self.dataset, self.batch_size * self.n_processes, self.shuffle)
        for dataset, index in everyone.draw():
            short = -len(index) % self.n_processes  # the last batch: all processes take as many steps
            index = torch.cat([index, index.repeat(self.n_processes)[:short]])
            yield take(dataset, index[self.rank :: self.n_processes])


class Accelerated(AccelerateMixin):
    """For a :class:`FramesNet` that is trained by several processes of accelerate; see :func:`accelerated`."""

    def _initialize_accelerator(self):
        """Wrap module and optimizer; the mixin wraps the loss as well, which fails where it has no weights."""
        with self._current_init_context("module"):
            self.module_ = self.accelerator.prepare(self.module_)
        with self._current_init_context("optimizer"):
            self.optimizer_ = self.accelerator.prepare(self.optimizer_)
        return self

    def train_step(self, batch, **fit_params):
        """Take a step on this process' part; its loss is then the mean over all."""
        return self._averaged(super().train_step(batch, **fit_params))

    def train_step_single(self, batch, **fit_params):
        """Take a step on this process' part: augment, loss, gradients through accelerate."""
        self._set_training(True)
        inputs, target = self.augmented(batch)
        loss = self.get_loss(y_pred := self.infer(inputs, **fit_params), target, X=inputs, training=True)
        self.accelerator.backward(loss)
        return {"loss": loss, "y_pred": y_pred}

    def validation_step(self, batch, **fit_params):
        """Validate on all clips, as every process does."""
        return self._averaged(super().validation_step(batch, **fit_params))

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Run an epoch; running statistics of batch norms are then those of the first process."""
        super().run_single_epoch(iterator, training=training, prefix=prefix, step_fn=step_fn, **fit_params)
        if training:
            self._share()

    def shared_weights(self):
        """Return weights and buffers of the first process, as :func:`copy_weights` has them."""
        self._share()
        return copy_weights(self.module_)

    def _share(self):
        if self.accelerator.num_processes > 1:
            for value in unwrap(self.module_).state_dict().values():
                value.copy_(broadcast(value.clone()))

    def _averaged(self, step):
        step["loss"] = self.accelerator.reduce(step["loss"].detach(), reduction="mean")
        return step


def accelerated(kind):
    """Make a class of :class:`FramesNet` one that several processes train."""
    return type(f"Accelerated{kind.__name__}", (Accelerated, kind), {})


def shared_by(settings):
    """Return the parameters of a net that is :class:`Accelerated`.

    Parameters
    ----------
    settings : True or dict
        What :class:`accelerate.Accelerator` takes.

    Returns
    -------
    dict
        Of skorch.
    """
    accelerator = accelerator_of(settings)
    return {
        "accelerator": accelerator,
        "callbacks__print_log__sink": print,
        "unwrap_after_train": False,  # callbacks remember the weights under the names of the wrapped module
        "device": str(accelerator.device),
        "iterator_train": SharedBatches,
        "iterator_train__rank": accelerator.process_index,
        "iterator_train__n_processes": accelerator.num_processes,
    }


def accelerator_of(settings):
    """Return the accelerator of this process; the net and its batches find their device by themselves."""
    return Accelerator(**{"device_placement": False, **({} if settings is True else settings)})


def shared_seed(seed, settings):
    """Return the seed of the first process."""
    accelerator_of(settings)
    return broadcast_object_list([seed])[0]
