"""Pipelines as torch modules that a graph can be traced from: a file for features, one for all that follows."""
