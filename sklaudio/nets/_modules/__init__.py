"""Torch modules: frames in, logits out. No scikit-learn, no skorch."""
