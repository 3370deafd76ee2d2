"""A network small enough to build and train within seconds."""

from akitaflow.model.network import Architecture


def tiny(**changes):
    numbers = {
        "length": 512,
        "pools": (4, 4),
        "crop_bins": 2,
        "stem_filters": 8,
        "tower_filters": 6,
        "dilated_blocks": 2,
        "dilated_filters": 4,
        "bottleneck_filters": 5,
        "map_filters": 4,
        "map_blocks": 2,
        "map_block_filters": 3,
    }
    return Architecture(**(numbers | changes))
