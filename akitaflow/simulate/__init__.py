"""Genomes whose folding is known: planted sites, the law by which they fold, and Hi-C reads drawn from it."""
