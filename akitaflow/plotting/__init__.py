"""Figures: ``style`` and ``tables`` for all, and one module per stage."""
