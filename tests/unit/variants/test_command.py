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
