"""Catalogue of files of variants: what is read, what has a status, and what is refused with its line."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fakes import FakeModel, random_genome

from akitaflow.errors import InputError
from akitaflow.genome.sequence import decode
from akitaflow.prediction.perturb import apply
from akitaflow.variants.places import Lift
from akitaflow.variants.scoring import Scorer
from akitaflow.variants.tables import read_variants
from akitaflow.variants.vcf import local_copy

HEADER = '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=4000>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
NAMES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
SAMPLES = NAMES[:-1] + "\tFORMAT\tS1\tS2\n"
FIRST, SECOND = "chr1\t10\ta\tA\tC\t.\t.\t.\n", "chr1\t20\tb\tG\tT\t.\t.\t.\n"
VCF = HEADER + NAMES + FIRST
TABLE, BED = "chrom\tpos\tref\talt\nchr1\t10\tA\tC\n", "chr1\t10\t20\tDEL\n"


def read(folder, content, **options):
    path = folder / "calls"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_variants(path, **options))


REFUSED = {
    "a second header": (VCF + HEADER + NAMES + SECOND, "line 6: found '##fileformat=VCFv4.2' among the records"),
    "names twice": (HEADER + NAMES + NAMES + FIRST, "line 5: found '#CHROM.* among the records"),
    "a comment": (VCF + "# mine\n" + SECOND, "line 6: found '# mine' among the records"),
    "an empty line": (VCF + "\n" + SECOND, "line 6: it is empty"),
    "an empty line at the end": (VCF + "\n", "line 6: it is empty"),
    "blanks": ((VCF + SECOND).replace("\t", " "), "line 4: columns must be separated by tabs"),
    "blanks in a record": (VCF + SECOND.replace("\t", " "), "line 6: 1 columns, but 8 .*separated by tabs"),
    "five columns": (VCF + "chr1\t20\tb\tG\tT\n", "line 6: 5 columns, but 8 are needed"),
    "a decimal": (VCF + SECOND.replace("20", "20.0"), "line 6: POS is '20.0'"),
    "a comma": (VCF + SECOND.replace("20", "2,000"), "line 6: POS is '2,000'"),
    "gzipped": (gzip.compress((VCF + SECOND.replace("20", "1e3")).encode()), "line 6: POS is '1e3'"),
    "no names": (HEADER + FIRST, "line 4: found 'chr1.*the line #CHROM"),
    "only a header": (HEADER, "line 3: the line #CHROM .* is missing"),
    "no format": (NAMES + FIRST, "lacks the first line of a VCF; write ##fileformat"),
    "format not first": ("\n" + VCF, "the line ##fileformat is not the first"),
    "a byte order mark": ("\ufeff" + VCF, "byte order mark"),
    "UTF-16": (VCF.encode("utf-16"), "is text in UTF-16"),
    "empty": ("", "is empty"),
    "a table with commas": (TABLE.replace("\t", ","), "its first line is 'chrom,pos,ref,alt'"),
    "a column twice": (TABLE.replace("alt", "alt\talt").replace("C", "C\tG"), "line 1: the column alt stands twice"),
    "a header of BED": ("chrom\tstart\tend\tkind\n" + BED, "its first line is 'chrom"),
    "a web page": ("<!DOCTYPE html>", "is a web page"),
    "a pointer": ("version https://git-lfs.github.com/spec/v1\n", "is a pointer of git-lfs"),
    "a cut table": (gzip.compress(BED.encode() * 900)[:-9], "cut off"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_files_are_refused_with_their_line(tmp_path, case):
    content, message = REFUSED[case]
    with pytest.raises(InputError, match=f"calls.*{message}"):
        read(tmp_path, content)


GENOTYPES = {
    "words": (SAMPLES, "het\t0|1", "line 5: GT of a sample is 'het'"),
    "too few": (SAMPLES, "0|1", "line 5: 10 columns, but 11 are needed"),
    "one name twice": (SAMPLES.replace("S2", "S1"), "0|1\t0|1", "line 4: the sample 'S1' stands twice"),
}


@pytest.mark.parametrize("case", GENOTYPES)
def test_genotypes_are_refused_with_their_line(tmp_path, case):
    names, calls, message = GENOTYPES[case]
    with pytest.raises(InputError, match=f"calls.*{message}"):
        read(tmp_path, HEADER + names + FIRST[:-1] + f"\tGT\t{calls}\n", sample="S1")


@pytest.mark.parametrize(("keys", "call"), [("GT", "./."), ("DP", "3")])
def test_a_missing_genotype_is_named(tmp_path, keys, call):
    [variant] = read(tmp_path, HEADER + SAMPLES + FIRST[:-1] + f"\t{keys}\t{call}\t.\n", sample="S1")
    assert (variant.status, variant.reason) == ("not_carried", "the genotype is missing")


def deletion(info, alt="<DEL>"):
    return HEADER + NAMES + f"chr1\t100\t.\tN\t{alt}\t.\t.\t{info}\n"


def typed(info, alt="<DEL>"):
    """With header lines that give END and SVLEN a type, by which pysam reads them."""
    lines = "".join(f'##INFO=<ID={key},Number=1,Type=Integer,Description="x">\n' for key in ("END", "SVLEN"))
    return deletion(info, alt).replace("#CHROM", lines + "#CHROM")


STATUSES = {
    "SVTYPE": (deletion("SVTYPE=DUP;END=150"), "invalid_record", "SVTYPE is DUP, ALT <DEL>"),
    "CHR2": (deletion("CHR2=chr2;END=500"), "invalid_record", "CHR2 is chr2"),
    "a length of R": (typed("SVLEN=-1e+05"), "invalid_record", "SVLEN is -1e+05; it must be a whole number"),
    "a length with a unit": (typed("SVLEN=-50bp"), "invalid_record", "SVLEN is -50bp"),
    "a decimal END": (typed("END=150.5"), "invalid_record", "END is 150.5"),
    "an END that is NA": (typed("END=NA;SVLEN=50"), "invalid_record", "END is NA"),
    "an inversion with further bases": (
        typed("END=150;SVINSSEQ=AC", "<INV>"),
        "unsupported_allele",
        "does not say at which end",
    ),
    "a deletion with unknown bases": (typed("END=150;SVINSSEQ=ANC"), "unknown_base", "inserted sequence is ANC"),
    "END twice": (deletion("END=150;END=160"), "invalid_record", "END is 150 and 160"),
    "a superscript": (TABLE.replace("10", "1\u00b2"), "invalid_record", "it must be a whole number"),
    "two signs": (TABLE.replace("10", "--5"), "invalid_record", "it must be a whole number"),
    "digits of Arabic": (TABLE.replace("10", "\u0661\u0662"), "invalid_record", "it must be a whole number"),
    "a negative start": (BED.replace("10", "-5"), "invalid_record", "start -5 and end 20 must be whole"),
    "decimals": (BED.replace("10", "10.0"), "invalid_record", "start 10.0 and end 20"),
    "empty interval": (BED.replace("20", "10"), "invalid_record", "start 10 is not below end 10"),
}


@pytest.mark.parametrize("case", STATUSES)
def test_alleles_have_a_status_and_a_reason(tmp_path, case):
    content, status, reason = STATUSES[case]
    [variant] = read(tmp_path, content)
    assert variant.status == status and reason in variant.reason


@pytest.mark.parametrize("zipped", [False, True])
def test_info_is_that_of_the_record(tmp_path, zipped):
    """Records without symbolic alleles and comments in the header stand before; lines end with CR LF."""
    text = typed("END=150 ").replace("chr1\t100", FIRST + SECOND + "chr1\t100") + typed("SVLEN=-30").splitlines()[-1]
    content = (text + "\n").replace("\n", "\r\n").encode()
    variants = read(tmp_path, gzip.compress(content) if zipped else content)
    assert [(each.kind, each.start, each.end) for each in variants[2:]] == [
        ("deletion", 100, 150),
        ("deletion", 100, 130),
    ]


def test_bases_at_the_breakpoint_of_a_symbolic_allele_are_inserted(tmp_path):
    """As Manta writes them."""
    genome = random_genome(1, chr1=400)
    bases = decode(genome.chromosomes["chr1"])
    window = ("chr1", 0, 200)
    for alt, expected in (
        ("<DEL>", bases[:100] + "ACGT" + bases[120:]),
        ("<DUP:TANDEM>", bases[:120] + "ACGT" + bases[100:]),
        ("<CN3>", bases[:120] + 2 * ("ACGT" + bases[100:120]) + bases[120:]),
    ):
        [variant] = read(tmp_path, typed("END=120;SVINSSEQ=acgt", alt))
        variant = replace(variant, genome_chrom="chr1")
        assert decode(apply(genome, window, variant.edits(genome), 100).codes)[:180] == expected[:180]


def test_bedpe_is_no_interval(tmp_path):
    [variant] = read(tmp_path, "chr1\t10\t20\tchr1\t100\t120\tx\n", bed_kind="DEL")
    assert variant.status == "invalid_record" and "BEDPE" in variant.reason


def test_a_pipe_is_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        for content, n_alleles in ((VCF, 1), ("x", 0)):
            pool.submit(pipe.write_text, content)
            if n_alleles:
                with local_copy(pipe) as path:
                    assert len(list(read_variants(path))) == n_alleles
            else:
                with pytest.raises(InputError, match="pipe: neither a VCF"), local_copy(pipe) as path:
                    list(read_variants(path))


CHAIN = "chain 9 chr1 4000 + 0 4000 chr1 4000 + 0 4000 1\n4000\n\n"
CHAINS_REFUSED = {
    "to another assembly": (CHAIN.replace("chr1 4000 + 0 4000 1", "chr1 4100 + 0 4000 1"), "whose chr1 has 4100 bp"),
    "from another assembly": (CHAIN.replace("chr1 4000", "chr1 4100", 1), "4000 bp, the chain file chr1 of 4100 bp"),
    "a web page": ("<!DOCTYPE html>", "is a web page"),
    "empty": ("", "has no chain"),
}


@pytest.mark.parametrize("case", CHAINS_REFUSED)
def test_chain_files_of_other_assemblies_are_refused(tmp_path, case):
    content, message = CHAINS_REFUSED[case]
    (tmp_path / "a.chain").write_text(content)
    (tmp_path / "calls").write_text(VCF)
    with pytest.raises(InputError, match=message):
        scorer(Lift(tmp_path / "a.chain")).check_contigs(tmp_path / "calls")
    (tmp_path / "a.chain").write_text(CHAIN)
    scorer(Lift(tmp_path / "a.chain")).check_contigs(tmp_path / "calls")


def scorer(lift=None, **sizes):
    return Scorer(FakeModel(), random_genome(1, **(sizes or {"chr1": 4000})), lift=lift)


def test_another_mitochondrion_is_left_out(tmp_path, capsys):
    """UCSC's hg19 has another one than GRCh37, with the same chromosomes."""
    text = VCF.replace("<ID=chr1,", "<ID=1,").replace("\nchr1", "\n1") + "MT\t5\t.\tA\tC\t.\t.\t.\n"
    (tmp_path / "calls").write_text(text.replace("##FORMAT", "##contig=<ID=MT,length=300>\n##FORMAT"))
    both = scorer(chr1=4000, chrM=302)
    both.check_contigs(tmp_path / "calls")
    assert "MT of 300 bp, the genome chrM of 302 bp; variants on MT are not scored" in capsys.readouterr().err
    first, second = (both.place(variant)[0] for variant in read_variants(tmp_path / "calls"))
    assert first.genome_chrom == "chr1" and second.status == "unknown_chromosome"
    for mitochondrion in (302, 300):  # that of GRCh38 has the length of that of GRCh37
        with pytest.raises(InputError, match="1 of 4000 bp, the genome chr1 of 4001 bp: the variants are of another"):
            scorer(chr1=4001, chrM=mitochondrion).check_contigs(tmp_path / "calls")


def test_a_kind_that_differs_from_the_given_one_is_invalid(tmp_path):
    [variant] = read(tmp_path, BED.replace("DEL", "dup"), bed_kind="DEL")
    assert variant.status == "invalid_record" and "the fourth column says dup" in variant.reason


READ = {
    "the same event in SVTYPE": (deletion("SVTYPE=DEL;CHR2=chr1;END=150"), "chr1", "deletion"),
    "no SVTYPE": (deletion("END=150"), "chr1", "deletion"),
    "a name that begins as track": ("tracker" + BED[4:], "tracker", "deletion"),
    "track and browser": ("track name=x\nbrowser position chr1\n\n" + BED, "chr1", "deletion"),
    "a mark before a comment": ("\ufeff#x\n" + BED, "chr1", "deletion"),
    "a mark": ("\ufeff" + BED, "chr1", "deletion"),
    "names of BED in capitals": ("#CHROM\tSTART\tEND\tKIND\n" + BED, "chr1", "deletion"),
    "blanks in cells": (" " + BED.replace("DEL", "DEL "), "chr1", "deletion"),
    "a mark before a table": ("\ufeff" + TABLE, "chr1", "snv"),
    "comments in a table": ("# mine\n" + TABLE + "#chr1\t11\tA\tC\n", "chr1", "snv"),
    "names of VCF in a table": (TABLE.upper().replace("CHR1", "chr1"), "chr1", "snv"),
}


@pytest.mark.parametrize("case", READ)
def test_variants_are_read(tmp_path, case):
    content, chrom, kind = READ[case]
    [variant] = read(tmp_path, content)
    assert (variant.status, variant.chrom, variant.kind) == ("ok", chrom, kind)
