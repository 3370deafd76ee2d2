"""Simulation of genomes with known folding: planted sites, the folding law, and Hi-C reads."""
