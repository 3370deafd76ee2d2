"""Check of the config's ``geometry``."""

import math

from akitaflow.errors import InputError


def check_geometry(study):
    """Bin size, pools, window, crop and diagonal offset are consistent."""
    numbers, source = study.config["geometry"], study.source
    size, pools = numbers["bin_size"], numbers["pools"]
    product = math.prod(pools)
    if product != size:
        raise InputError(
            f"{source}, geometry.pools: the product of {pools} is {product}, but geometry.bin_size is {size}; "
            f"write pools that multiply to the bin, for example {_factors(size)}, or bin_size: {product}"
        )
    for key in ("window", "crop"):
        if numbers[key] % size:
            below = numbers[key] // size * size
            nearest = " or ".join(str(value) for value in (below, below + size) if value > 0)
            raise InputError(
                f"{source}, geometry.{key}: {numbers[key]} bp is not a whole number of bins of {size} bp "
                f"(geometry.bin_size does not divide it); write {nearest}"
            )
    map_bins = (numbers["window"] - 2 * numbers["crop"]) // size
    if map_bins <= numbers["diagonal_offset"]:
        largest_crop = (numbers["window"] // size - numbers["diagonal_offset"] - 1) // 2 * size
        raise InputError(
            f"{source}, geometry.crop: cutting {numbers['crop']} bp from each side of a window of "
            f"{numbers['window']} bp leaves {max(map_bins, 0)} bins, and the map begins at diagonal "
            f"{numbers['diagonal_offset']}; write a crop of at most {max(largest_crop, 0)} or a longer window"
        )


def _factors(number):
    """Prime factors, smallest first."""
    factors, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors + [number] if number > 1 or not factors else factors
