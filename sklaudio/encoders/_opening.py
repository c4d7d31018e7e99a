"""What estimators with an encoder share: its rate, and whether it is still the one that they were fitted with."""

from ._registry import open_encoder


class OpensEncoderMixin:
    """Open the encoder of the parameters `encoder`, `layer` and `sr`, of which `sr` may be None for its native rate."""

    @property
    def sr(self):
        """Sampling rate of the samples that the encoder takes, in hertz: its native one if the parameter is None."""
        given = vars(self)["sr"]
        return self._open().sr if given is None else given

    @sr.setter
    def sr(self, value):
        vars(self)["sr"] = value

    def get_params(self, deep=True):
        """Get the parameters; see scikit-learn. `sr` is as it was set, so that it follows another encoder."""
        return {name: vars(self)[name] for name in self._get_param_names()}

    def _open(self):
        return open_encoder(self.encoder, layer=self.layer, sr=vars(self)["sr"])

    def _learn_content(self, encoder):
        self.encoder_hash_, self.licence_ = encoder.content_hash, encoder.licence

    def _check_content(self, encoder, what):
        """Raise an error if the encoder is not the one whose content was learned; `what` is for the message."""
        if hasattr(self, "encoder_hash_") and self.encoder_hash_ != (found := encoder.content_hash):
            raise ValueError(
                f"encoder={self.encoder!r} is not the one that this {what} was fitted with: the hash of its content is "
                f"{found}, and was {self.encoder_hash_}. Bring that one back, or fit again."
            )
