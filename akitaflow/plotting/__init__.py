"""Figures: one module for the house style, one per stage for what its figures show."""
