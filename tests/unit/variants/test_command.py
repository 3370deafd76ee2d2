"""The command akitaflow: the same scores by command and by Python, runs that were stopped, exit codes, help."""

import gzip
import io
import subprocess
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome
from networks import save_random, tiny, write_fasta
from places import DATA

import akitaflow
from akitaflow.cli import main
from akitaflow.errors import InputError
from akitaflow.genome.sequence import UNKNOWN, decode
from akitaflow.prediction.stream import Average
from akitaflow.variants import runs
from akitaflow.variants.scoring import CHUNK, Scorer, Settings, score_chunks
from akitaflow.variants.tables import read_variants

pytestmark = pytest.mark.tensorflow

AUTHORS = {"path": DATA / "tiny_random.h5", "params": DATA / "tiny_params.json"}
HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """A folder with a small model of random weights (windows of 512 bp), a genome, variants and held-out windows."""
    folder, random = tmp_path_factory.mktemp("lab"), np.random.default_rng(2)
    save_random(folder / "model", tiny())
    codes = random.integers(0, 4, 4000, dtype=np.uint8)
    codes[3800:] = UNKNOWN
    write_fasta(folder / "genome.fa", {"chr1": codes, "chr2": codes[:1000]})
    text = decode(codes)
    lines = [
        f"1\t{pos}\tv{pos}\t{text[pos - 1]}\t{'A' if text[pos - 1] != 'A' else 'C'}\t.\t.\t."
        for pos in (900, 2000, 901)
    ]
    lines += [
        "1\t1500\tdel\tN\t<DEL>\t.\t.\tEND=1530",
        "1\t1500\tany\tN\t<NON_REF>\t.\t.\t.",
        "5\t10\tno\tA\tC\t.\t.\t.",
    ]
    (folder / "calls.vcf").write_text(HEADER + "\n".join(lines) + "\n")
    (folder / "held_out.bed").write_text("chr1\t512\t1024\nchr1\t1600\t2112\n")
    return folder


def command(model_folder, *more, variants="calls.vcf", output=None):
    output = output if output is not None else model_folder / "out"
    model = ["-m", str(model_folder / "model"), "-f", str(model_folder / "genome.fa")]
    return [
        "variants",
        str(model_folder / variants) if variants != "-" else "-",
        "-o",
        str(output),
        *model,
        *map(str, more),
    ]


def test_command_and_python_give_equal_scores(model_folder, tmp_path, capsys, monkeypatch):
    assert main(command(model_folder, output=tmp_path / "out")) == 0
    printed = capsys.readouterr()
    assert printed.out == "" and "1 is read as chr1" in printed.err
    assert "alleles: 4 ok, 1 unsupported_allele, 1 unknown_chromosome" in printed.err
    assert printed.err.endswith(f"scores: {tmp_path / 'out' / 'scores.tsv.gz'}\n")
    stored = (tmp_path / "out" / "scores.tsv.gz").read_bytes()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["run.json", "scores.tsv.gz"]
    text = gzip.decompress(stored).decode()
    # a table in, a table out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((model_folder / "calls.vcf").read_bytes())))
    assert main(command(model_folder, "-q", variants="-", output="-")) == 0
    printed = capsys.readouterr()
    assert printed.out == text and printed.err == ""
    model = akitaflow.load_model(model_folder / "model")
    table = model.score_variants(
        model_folder / "genome.fa", model_folder / "calls.vcf", settings=Settings(batch_size=4)
    )
    assert table.to_csv(sep="\t", index=False, float_format=runs.FLOAT_FORMAT) == text
    assert len(table) == 12 and table["disruption"].notna().sum() == 8
    # given again, it is left as it is
    assert main(command(model_folder, "-q", output=tmp_path / "out")) == 0
    assert (tmp_path / "out" / "scores.tsv.gz").read_bytes() == stored


def test_variants_of_another_assembly_are_refused(model_folder, tmp_path, capsys):
    """By the lengths of the header, because symbolic alleles have no bases that could be compared."""
    text = HEADER.replace("#CHROM", "##contig=<ID=1,length=99>\n#CHROM") + "1\t900\t.\tN\t<DEL>\t.\t.\tEND=930\n"
    (tmp_path / "other.vcf").write_text(text)
    assert main(command(model_folder, "-q", variants=tmp_path / "other.vcf", output=tmp_path / "out")) == 1
    message = "other.vcf: its header has 1 of 99 bp, the genome chr1 of 4000 bp: the variants are of another assembly"
    assert message in capsys.readouterr().err
    with pytest.raises(InputError, match="of another assembly"):
        akitaflow.load_model(model_folder / "model").score_variants(model_folder / "genome.fa", tmp_path / "other.vcf")
    (tmp_path / "other.vcf").write_text(text.replace("length=99", "length=4000"))
    assert main(command(model_folder, "-q", variants=tmp_path / "other.vcf", output=tmp_path / "out")) == 0


def test_standard_input_is_named(model_folder, capsys, monkeypatch):
    text = HEADER + "1\t900.0\t.\tN\t<DEL>\t.\t.\tEND=930\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert main(command(model_folder, "-q", variants="-", output="-")) == 1
    assert "error: standard input, line 3: POS is '900.0'" in capsys.readouterr().err


def test_a_folder_of_other_scores_is_refused(model_folder, tmp_path, capsys):
    assert main(command(model_folder, "-q", output=tmp_path / "out")) == 0
    assert main(command(model_folder, "-q", "--strands", "forward", output=tmp_path / "out")) == 1
    assert "holds scores made with other settings" in capsys.readouterr().err
    assert main(command(model_folder, "-q", "--strands", "forward", "--overwrite", output=tmp_path / "out")) == 0
    table = pd.read_csv(tmp_path / "out" / "scores.tsv.gz", sep="\t")
    assert table["disruption_sd"].isna().all()
    stored = (tmp_path / "out" / "scores.tsv.gz").stat().st_mtime_ns
    assert main(command(model_folder, "-q", "--strands", "forward", "--overwrite", output=tmp_path / "out")) == 0
    assert (tmp_path / "out" / "scores.tsv.gz").stat().st_mtime_ns == stored  # of the same run: kept
    (tmp_path / "file").write_text("x")
    assert main(command(model_folder, "-q", output=tmp_path / "file")) == 1


def test_random_variants_by_command(model_folder, tmp_path):
    more = ["-q", "--held-out", model_folder / "held_out.bed", "--background", tmp_path / "background", "--random", 5]
    assert main(command(model_folder, *more, output=tmp_path / "out")) == 0
    table = pd.read_csv(tmp_path / "out" / "scores.tsv.gz", sep="\t")
    assert (table["background_n"] == [5] * 8 + [0] * 4).all()
    assert table["disruption_quantile"][:8].between(0, 1).all()
    assert {path.name for path in (tmp_path / "background").iterdir()} == {
        "background.json", "snv_1.tsv.gz", "deletion_16.tsv.gz",
    }  # fmt: skip


def test_windows_of_training_are_not_held_out(model_folder, tmp_path, capsys):
    (tmp_path / "sequences.bed").write_text("chr1\t512\t1024\ttest\nchr1\t1600\t2112\ttrain\n")
    more = ["-q", "--held-out", tmp_path / "sequences.bed", "--background", tmp_path / "background"]
    assert main(command(model_folder, *more, output=tmp_path / "out")) == 1
    assert "sequences.bed has windows of the fold train" in capsys.readouterr().err


def test_mutagenesis_describe_predict_and_import(model_folder, tmp_path, capsys):
    model = ["-m", str(model_folder / "model"), "-q"]
    genome = ["-f", str(model_folder / "genome.fa")]
    assert main(["mutagenesis", "chr1:1,000-1,004", "-o", str(tmp_path / "a.tsv"), *model, *genome]) == 0
    table = pd.read_csv(tmp_path / "a.tsv", sep="\t")
    assert len(table) == 4 * 3 * 2 and (table["status"] == "ok").all()
    assert main(["mutagenesis", "chr1:1000-1040", "--method", "delete", "-o", "-", *model, *genome]) == 0
    assert capsys.readouterr().out.count("deletion") == 8
    assert main(["describe", *model[:2]]) == 0
    printed = capsys.readouterr().out
    assert "outputs\tA, B\n" in printed and "reads\t512 bp\n" in printed
    assert main(["predict", "chr1:512-1024", "chr2", "-o", "-", *model, *genome]) == 0
    printed = pd.read_csv(io.StringIO(capsys.readouterr().out), sep="\t")
    assert set(printed["chrom"]) == {"chr1", "chr2"} and {"A", "B"} <= set(printed.columns)
    assert main(["predict", "chr1:512-1024", "-o", str(tmp_path / "maps"), *model, *genome]) == 0
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["A.mcool", "B.mcool"]
    authors = [str(AUTHORS["path"]), "--params", str(AUTHORS["params"]), "-o", str(tmp_path / "imported")]
    assert main(["import", *authors, "--outputs", "a,b,c,d,e"]) == 0
    assert akitaflow.load_model(tmp_path / "imported").outputs == list("abcde")


def test_mistakes_have_a_message_and_an_exit_code(model_folder, tmp_path, capsys):
    for arguments, words in (
        (command(model_folder, variants="none.vcf"), "none.vcf: no such file"),
        (command(model_folder, "--sample", "S"), "there is no sample 'S'"),
        (command(model_folder, "--chain", model_folder / "calls.vcf"), "no chain of UCSC"),
        (
            [
                "mutagenesis",
                "chr1:5",
                "-o",
                "-",
                "-m",
                str(model_folder / "model"),
                "-f",
                str(model_folder / "genome.fa"),
            ],
            "not a region",
        ),
        (["describe", "-m", str(model_folder / "none")], "no such folder"),
        (
            [
                "variants",
                str(model_folder / "calls.vcf"),
                "-o",
                "-",
                "-m",
                str(model_folder / "model"),
                "-f",
                "none.fa",
            ],
            "none.fa: no such file",
        ),
        (["import", "a.h5", "--params", str(model_folder / "none"), "-o", str(tmp_path / "m")], "none: cannot be read"),
    ):
        assert main(arguments) == 1
        printed = capsys.readouterr()
        assert (
            printed.out == "" and printed.err.startswith(f"akitaflow {arguments[0]}: error: ") and words in printed.err
        )
        assert "Traceback" not in printed.err
    for arguments in (
        ["variants"],
        ["nothing"],
        command(model_folder, "--shifts", "a"),
        command(model_folder, "--batch-size", "0"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    assert main([]) == 2
    assert "commands:" in capsys.readouterr().err


@pytest.fixture
def refused(model_folder, tmp_path, capsys, monkeypatch):
    """Runs the command in a folder of its own, where it has to stop with one line, and returns this line."""
    monkeypatch.chdir(tmp_path)
    model = ["-m", str(model_folder / "model"), "-f", str(model_folder / "genome.fa")]

    def run(*arguments):
        assert main([*map(str, arguments), *model]) == 1
        printed = capsys.readouterr()
        assert printed.out == "" and printed.err.startswith(f"akitaflow {arguments[0]}: error: ")
        assert printed.err.count("\n") == 1  # nothing was predicted
        return printed.err

    return run


@pytest.mark.parametrize("output", ["results", "results/", "."])
def test_a_folder_is_not_replaced_by_a_table(refused, tmp_path, output):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "notes.txt").write_text("mine")
    assert "is a folder; write the name of a file" in refused("mutagenesis", "chr1:1000-1002", "-o", output)
    assert (tmp_path / "results" / "notes.txt").read_text() == "mine"


def test_a_file_in_the_place_of_a_folder_is_named(refused, tmp_path, model_folder):
    (tmp_path / "file").write_text("x")
    assert "file: File exists" in refused("predict", "chr1:512-1024", "-o", "file")
    assert "file: File exists" in refused("mutagenesis", "chr1:1000-1002", "-o", "file/table.tsv")
    assert "Not a directory" in refused("variants", model_folder / "calls.vcf", "-o", "file/out")


REGIONS = {
    ("chr2", "chr9"): "the genome has no chromosome 'chr9'",
    ("chr2", "chr1:5"): "'chr1:5' is not a region",
    ("chr2", "chr1:3600-4112"): "extends beyond its chromosome",
    ("chr2", "chr1:0-100"): "has 100 bp and the model reads 512",
    ("chr2", "chr1:513-1025"): "off the grid of 16 bp bins that a cooler has; write chr1:512-1024",
    ("chr1:512-1024", "chr1:528-1040"): "maps of chr1:512-1024 and chr1:528-1040 overlap",
    ("chr2", "chr2"): "maps of chr2:0-1000 and chr2:0-1000 overlap",
}


@pytest.mark.parametrize("regions", REGIONS)
def test_all_regions_are_checked_before_any_is_predicted(refused, tmp_path, regions):
    assert REGIONS[regions] in refused("predict", *regions, "-o", "maps")
    assert not (tmp_path / "maps").exists()


def test_regions_from_nowhere_are_an_error(refused, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert "standard input names no region" in refused("predict", "-", "-o", "-")


def test_regions_that_touch_are_two_maps_and_names_may_have_colons(model_folder, tmp_path, capsys):
    codes = np.random.default_rng(2).integers(0, 4, 1200, dtype=np.uint8)
    write_fasta(tmp_path / "hla.fa", {"HLA-A*01:01": codes, "gap": np.full(600, UNKNOWN)})
    model = ["-m", str(model_folder / "model"), "-f", str(tmp_path / "hla.fa"), "-q"]
    regions = ["HLA-A*01:01:0-512", "HLA-A*01:01:448-960"]  # their maps touch, because the crop is 32 bp
    assert main(["predict", *regions, "-o", str(tmp_path / "maps"), *model]) == 0
    assert main(["predict", "HLA-A*01:01", "-o", "-", *model]) == 0
    assert set(pd.read_csv(io.StringIO(capsys.readouterr().out), sep="\t")["chrom"]) == {"HLA-A*01:01"}
    # what cannot be predicted has a warning
    assert main(["predict", "gap", "-o", "-", *model]) == 0
    assert "warning: gap:0-600: nothing is predicted" in capsys.readouterr().err


@pytest.mark.parametrize("shift", [512, -600])
def test_shifts_of_a_window_are_refused(refused, model_folder, shift):
    message = f"a shift of {shift} bp moves all bases out of the window of 512 bp"
    assert message in refused("predict", "chr1:512-1024", "-o", "-", f"--shifts={shift}")
    assert message in refused("mutagenesis", "chr1:1000-1002", "-o", "-", f"--shifts=0,{shift}")
    assert message in refused("variants", model_folder / "calls.vcf", "-o", "out", f"--shifts={shift}")
    assert "the shift 1 is there twice" in refused("predict", "chr1:512-1024", "-o", "-", "--shifts", "1,0,1")


def test_options_without_an_effect_are_refused(refused, model_folder):
    calls = model_folder / "calls.vcf"
    assert "insulation_bins: 14 bins on both sides" in refused("variants", calls, "-o", "-", "--insulation-bins", 14)
    assert "which is for a BED, but the file is VCF" in refused("variants", calls, "-o", "-", "--bed-kind", "DEL")
    assert "--background needs --held-out" in refused("variants", calls, "-o", "-", "--background", "here")


@pytest.mark.parametrize("content", ["{", "", "[1]"])
def test_damaged_descriptions_of_runs_are_named(refused, tmp_path, model_folder, content):
    for name in ("out/run.json", "random/background.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content)
    calls, more = model_folder / "calls.vcf", ["--held-out", model_folder / "held_out.bed", "--background", "random"]
    assert "out/run.json: " in refused("variants", calls, "-o", "out")
    assert "random/background.json: " in refused("variants", calls, "-o", "-", *more)


def test_damaged_scores_are_named(refused, tmp_path, model_folder):
    more = ["-q", "--held-out", model_folder / "held_out.bed", "--background", tmp_path / "random", "--random", 2]
    for path in (tmp_path / "out/scores.tsv.gz", tmp_path / "random/snv_1.tsv.gz"):
        assert main(command(model_folder, *more, output=tmp_path / "out")) == 0
        for content in (path.read_bytes()[:40], b""):
            path.write_bytes(content)
            if path.name == "snv_1.tsv.gz":
                (tmp_path / "out/scores.tsv.gz").unlink(missing_ok=True)
            message = refused("variants", model_folder / "calls.vcf", "-o", tmp_path / "out", *more)
            assert f"{path} is damaged" in message and "delete it" in message
        path.unlink()


def test_a_region_without_any_score_has_a_warning(model_folder, tmp_path, capsys):
    model = ["-m", str(model_folder / "model"), "-f", str(model_folder / "genome.fa"), "-q"]
    assert main(["mutagenesis", "chr1:3-5", "-o", str(tmp_path / "a.tsv"), *model]) == 0
    assert "warning: no allele has scores; alleles: 6 outside_map" in capsys.readouterr().err
    assert main(["mutagenesis", "chr1:1000-1002", "-o", str(tmp_path / "a.tsv"), *model]) == 0
    assert capsys.readouterr().err == ""


def test_help_needs_no_tensorflow(root):
    check = (
        "import sys\nfrom akitaflow.cli import main\n"
        "try:\n    main(['variants', '--help'])\nexcept SystemExit as stopped:\n    assert stopped.code == 0\n"
        "assert not {'tensorflow', 'pandas', 'pysam'} & set(sys.modules)\n"
    )
    process = subprocess.run([sys.executable, "-c", check], check=True, cwd=root, capture_output=True, text=True)
    assert process.stdout.startswith("usage: akitaflow variants") and "VCF, BCF, BED or TSV" in process.stdout


# --- many variants ---------------------------------------------------------------------------------------------------
def many(path, genome, n):
    text = decode(genome.chromosomes["chr1"])
    with open(path, "w") as file:
        file.write(HEADER)
        for number in range(n):
            pos = 500 + number % 4000
            file.write(f"chr1\t{pos}\t.\t{text[pos - 1]}\t{'A' if text[pos - 1] != 'A' else 'C'}\t.\t.\t.\n")
    return path


class Stopping(FakeModel):
    """Stops after some calls, as a run that is killed."""

    def __init__(self, calls):
        super().__init__()
        self.left = calls

    def predict_codes(self, codes):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().predict_codes(codes)


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch):
    genome = random_genome(3, chr1=5000)
    path = many(tmp_path / "a.vcf", genome, 2 * CHUNK + CHUNK // 2)
    monkeypatch.setattr(runs, "model_digest", lambda model: "one")
    settings = Settings(Average(), 16)
    whole = FakeModel()
    runs.run(tmp_path / "whole", Scorer(whole, genome, settings), path)
    with pytest.raises(KeyboardInterrupt):
        runs.run(tmp_path / "out", Scorer(Stopping(6), genome, settings), path)
    assert [each.name for each in (tmp_path / "out" / "parts").iterdir()] == ["0000000.tsv.gz"]
    assert not (tmp_path / "out" / "scores.tsv.gz").exists()
    rest = FakeModel()
    counts = runs.run(tmp_path / "out", Scorer(rest, genome, settings), path)
    assert counts == {"ok": 2 * CHUNK + CHUNK // 2}
    assert 0 < len(rest.sequences) < len(whole.sequences)
    stored = [(tmp_path / name / "scores.tsv.gz").read_bytes() for name in ("whole", "out")]
    assert stored[0] == stored[1]
    table = pd.read_csv(tmp_path / "out" / "scores.tsv.gz", sep="\t")
    assert table["record"].tolist() == [record for record in range(1, 2 * CHUNK + CHUNK // 2 + 1) for _ in "AB"]
    # other variants are not the rest of these
    many(path, genome, 2 * CHUNK)
    with pytest.raises(InputError, match="other variants"):
        runs.run(tmp_path / "out", Scorer(rest, genome, settings), path)


def test_no_variant_at_all(tmp_path):
    genome = random_genome(3, chr1=5000)
    path = many(tmp_path / "a.vcf", genome, 0)
    assert runs.run(tmp_path / "out", Scorer(FakeModel(), genome), path) == {}
    table = pd.read_csv(tmp_path / "out" / "scores.tsv.gz", sep="\t")
    assert table.empty and "disruption" in table


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_variants(tmp_path):
    """100,000 variants are read one by one, and only those of a chunk are held."""
    genome = random_genome(3, chr1=5000)
    n = 100_000
    path = many(tmp_path / "a.vcf", genome, n)
    scorer = Scorer(FakeModel(), genome, Settings(Average(), 16))
    scored = {0, 1, n // CHUNK - 1}
    skip = set(range(n // CHUNK)) - scored
    tracemalloc.start()
    try:
        tables = score_chunks(scorer, lambda: read_variants(path), skip=skip)
        rows = sum(len(table) for table in tables if table is not None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == len(scored) * CHUNK * 2
    assert peak < 50e6
