"""Truth: every claim holds where it should and fails where it should, and a failing one stops the run by name."""

import gzip

import numpy as np
import pandas as pd
import pytest

from akitaflow import truth
from akitaflow.errors import InputError
from akitaflow.study.schema import fill, load_schema, validate
from akitaflow.truth import mapping, model

LENGTH = 50


def test_thresholds_are_no_looser_than_those_judged_safe():
    schema = load_schema("truth")
    limits = fill({}, schema)
    validate(limits, schema, "config.yaml")
    assert limits["pearson"] >= 0.5 and limits["noise_free_pearson"] >= 0.65 and limits["signal_left"] <= 0.35
    with pytest.raises(InputError):
        validate({"pearsen": 0.5}, schema, "config.yaml")


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (truth.at_least("x", 0.5, 0.5, 0, 1), True),
        (truth.at_least("x", 0.5, 0.49, 0, 1), False),
        (truth.at_least("x", 0.5, np.nan, 0, 1), False),
        (truth.at_most("x", 0.5, 0.51, 0, 1), False),
        (truth.at_most("x", 0.5, np.nan, 0, 1), False),
        (truth.close_to("x", 0.05, 0.01, 0.0599, 0, 1), True),
        (truth.close_to("x", 0.05, 0.01, 0.061, 0, 1), False),
        (truth.close_to("x", 0.05, 0.01, np.nan, 0, 1), False),
    ],
)
def test_holds_is_decided_on_the_measured_value(row, holds):
    assert row["holds"] is holds and list(row) == truth.COLUMNS


def test_accuracy_of_a_good_and_of_a_constant_prediction():
    random = np.random.default_rng(0)
    t = random.normal(size=(12, 40))
    contigs = np.arange(12) // 2
    good = model.accuracy(t, t + 0.5 * random.normal(size=t.shape), contigs, "A", 0.5, 200, 1)
    assert good["holds"] and good["low"] < good["measured"] < good["high"] and good["expected"] == ">= 0.5"
    assert not model.accuracy(t, np.zeros_like(t), contigs, "A", 0.5, 50, 1)["holds"]
    assert not model.noise_free(t, random.normal(size=t.shape), contigs, "A", 0.65, 50, 1)["holds"]


@pytest.fixture
def mutated():
    windows = pd.DataFrame({"chrom": "c", "start": np.arange(8) * 100, "contig": [0, 0, 1, 1, 2, 3, 4, 5]})
    table = windows[["chrom", "start"]].assign(dataset="A", n_sites=[3, 2, 0, 1, 4, 2, 2, 1])
    table["signal"] = 0.1
    table["signal_mutated"] = [0.01, 0.02, 0.1, 0.02, 0.01, 0.01, 0.12, 0.02]
    other = table.assign(dataset="B", signal_mutated=1.0)
    return pd.concat([table, other], ignore_index=True), windows


def test_signal_left_and_windows_weaker(mutated):
    left = model.signal_left(*mutated, "A", "CTCF", 0.35, 200, 1)
    assert left["measured"] == pytest.approx(0.21 / 0.7) and left["holds"]
    assert left["low"] <= left["measured"] <= left["high"]
    weaker = model.windows_weaker(*mutated, "A", "CTCF", 0.9, 200, 1)
    assert weaker["measured"] == pytest.approx(6 / 7) and not weaker["holds"]
    assert not model.signal_left(*mutated, "B", "CTCF", 0.35, 50, 1)["holds"]
    nothing = mutated[0].assign(n_sites=0), mutated[1]
    assert not model.signal_left(*nothing, "A", "CTCF", 0.35, 50, 1)["holds"]
    assert not model.windows_weaker(*nothing, "A", "CTCF", 0.9, 50, 1)["holds"]


def simulated_reads(n=4000, seed=0):
    """Pairs on two chromosomes with duplicates and junk, as the simulation describes them."""
    random = np.random.default_rng(seed)
    reads = pd.DataFrame({"library": np.where(np.arange(n) < n // 2, "L1", "L2")})
    first = random.integers(1, 100_000, n)
    reads["chrom1"], reads["pos1"] = "c", first
    cis = random.random(n) < 0.8
    reads["chrom2"] = np.where(cis, "c", "d")
    reads["pos2"] = np.where(cis, first + (10 ** random.uniform(1.5, 4, n)).astype(int), random.integers(1, 100_000, n))
    for mate in "12":
        reads[f"strand{mate}"] = np.where(random.random(n) < 0.5, "+", "-")
    reads["junk"] = np.where(random.random(n) < 0.1, random.integers(1, 3, n), 0)
    copies = reads.sample(frac=0.06, random_state=1).assign(duplicate=True)
    return pd.concat([reads.assign(duplicate=False), copies], ignore_index=True)


REPEATS = pd.DataFrame({"chrom": ["c", "d", "c"], "start": [1000, 500, 9000], "end": [3000, 2500, 9300]}).assign(
    family=["long", "long", "single"]
)


def test_reads_inside_repeats_or_of_junk_cannot_be_placed():
    reads = pd.DataFrame(
        [
            ("c", 1001, "+", "c", 5000, "+", 0),  # covers [1000, 1050): inside the copy
            ("c", 1000, "+", "c", 5000, "+", 0),  # one base before it
            ("c", 3000, "-", "c", 5000, "+", 0),  # covers [2950, 3000): its last base
            ("c", 3001, "-", "c", 5000, "+", 0),
            ("c", 7000, "+", "d", 600, "+", 0),  # the other mate
            ("c", 9100, "+", "c", 9200, "+", 0),  # a family of one copy is unique
            ("c", 7000, "+", "c", 8000, "+", 2),
        ],
        columns=["chrom1", "pos1", "strand1", "chrom2", "pos2", "strand2", "junk"],
    )
    assert mapping.mappable(reads, REPEATS, LENGTH).tolist() == [False, True, False, True, False, True, False]


def mapped(reads, can_map):
    """What a perfect mapping finds: counts and pairs of each library, mates in any order."""
    counts, pairs = [], {}
    for library in ("L1", "L2"):
        here = reads["library"] == library
        mapped_reads = reads[here & can_map]
        single = mapped_reads[~mapped_reads["duplicate"]]
        total = {"dataset": "A", "library": library, "read_pairs": here.sum(), "mapped": len(mapped_reads)}
        rest = here.sum() - len(mapped_reads)
        counts.append(total | {"unmapped": 10, "one_sided": rest - 10, "duplicates": len(mapped_reads) - len(single)})
        swapped = single.rename(columns=lambda name: name.translate(str.maketrans("12", "21")))
        pairs[library] = pd.concat([single[::2], swapped[1::2]]).assign(pair_type="UU")
    return pd.DataFrame(counts), pairs


def test_a_perfect_mapping_recovers_what_was_simulated():
    reads = simulated_reads()
    can_map = mapping.mappable(reads, REPEATS, LENGTH)
    counts, pairs = mapped(reads, can_map)
    duplicates = mapping.duplicates(counts, reads, can_map, "A", 0.001)
    assert duplicates["holds"] and duplicates["measured"] == pytest.approx(reads.loc[can_map, "duplicate"].mean())
    assert duplicates["low"] <= duplicates["measured"] <= duplicates["high"]
    assert mapping.unmapped(counts, can_map, "A", 1e-9)["holds"]
    positions = mapping.positions(pairs, reads, "A", 0.98)
    assert positions["measured"] == 1 and positions["holds"]
    decay = mapping.decay(pairs, reads, can_map, "A", 0.05, 50, 1)
    assert decay["measured"] == 0 and decay["holds"]


def test_a_wrong_mapping_does_not():
    reads = simulated_reads()
    can_map = mapping.mappable(reads, REPEATS, LENGTH)
    counts, pairs = mapped(reads, can_map)
    lost = counts.assign(duplicates=0)
    assert not mapping.duplicates(lost, reads, can_map, "A", 0.01)["holds"]
    assert not mapping.unmapped(counts.assign(one_sided=0), can_map, "A", 0.01)["holds"]
    shifted = {library: table.assign(pos1=table["pos1"] + 1) for library, table in pairs.items()}
    assert mapping.positions(shifted, reads, "A", 0.98)["measured"] < 0.01
    turned = {library: table.assign(strand1="+") for library, table in pairs.items()}
    assert mapping.positions(turned, reads, "A", 0.98)["measured"] == pytest.approx(0.5, abs=0.05)
    swapped = {"L1": pairs["L2"], "L2": pairs["L1"]}
    assert not mapping.positions(swapped, reads, "A", 0.98)["holds"]
    near = {library: table[np.abs(table["pos1"] - table["pos2"]) < 1000] for library, table in pairs.items()}
    assert not mapping.decay(near, reads, can_map, "A", 0.05, 50, 1)["holds"]


def test_log_ratios_are_the_loss_in_log10():
    distances = np.repeat(10 ** np.arange(1.55, 4, 0.25), 1000).astype(int)
    assert (mapping.log_ratios(distances, distances) == 0).all()
    assert mapping.log_ratios(distances[::10], distances) == pytest.approx(-1)
    assert mapping.log_ratios(distances[distances < 1000], distances).min() == -np.inf
    assert len(mapping.log_ratios(distances, distances[:5])) == 0


def test_pairs_are_read_by_the_names_in_their_header(tmp_path):
    path = tmp_path / "L1.nodups.pairs.gz"
    names = "readID chrom1 pos1 chrom2 pos2 strand1 strand2 pair_type mapq1 mapq2"
    with gzip.open(path, "wt") as file:
        file.write(f"## pairs format v1.0.0\n#chromsize: c 1000\n#columns: {names}\n.\tc\t5\tc\t70\t+\t-\tUU\t60\t60\n")
    table = mapping.read_pairs(str(path))
    assert len(table) == 1 and table.loc[0, ["pos1", "pos2", "strand2"]].tolist() == [5, 70, "-"]
    with gzip.open(path, "wt") as file:
        file.write("## pairs format v1.0.0\n#columns: readID chrom1 pos1 chrom2 pos2 strand1 strand2\n")
    with pytest.raises(InputError, match="no column pair_type"):
        mapping.read_pairs(str(path))


def test_a_claim_that_does_not_hold_stops_the_run_by_name():
    table = pd.DataFrame([truth.at_least("A: one", 0.5, 0.7, 0.6, 0.8), truth.at_most("B: two", 0.1, 0.4, 0.3, 0.5)])
    with pytest.raises(InputError, match=r"1 of 2 claims do not hold\n  B: two: measured 0.4, expected <= 0.1$"):
        truth.check(table, "results/truth.tsv")
    truth.check(table[:1], "results/truth.tsv")


def test_the_script_fails_naming_the_claim_and_writes_nothing(tmp_path, root):
    import subprocess
    import sys

    table = pd.DataFrame([truth.at_least("A: accuracy", 0.5, 0.1, 0.0, 0.2)])
    table.to_csv(tmp_path / "truth.tsv", sep="\t", index=False)
    runner = (
        "import sys, types\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        f"files = ['{tmp_path}/' + name for name in ('truth.tsv', 'truth.ok', 'log')]\n"
        "s = types.SimpleNamespace(input=files[:1], output=files[1:2], log=files[2:])\n"
        f"exec(open({str(root / 'scripts' / 'truth' / 'assert_truth.py')!r}).read(), {{'snakemake': s}})\n"
    )
    done = subprocess.run([sys.executable, "-c", runner], capture_output=True, text=True)
    assert done.returncode == 1 and "A: accuracy: measured 0.1, expected >= 0.5" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "truth.ok").exists()
    table.assign(holds=True).to_csv(tmp_path / "truth.tsv", sep="\t", index=False)
    assert subprocess.run([sys.executable, "-c", runner]).returncode == 0
    assert (tmp_path / "truth.ok").read_text().startswith("all 1 claims")
