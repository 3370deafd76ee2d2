"""Sequence-to-genome-folding studies: contact maps, targets, Akita-like models, perturbations and their scores."""

__version__ = "0.1.0"
