"""The engine distiller: what it is given, what its result depends on, and that nothing stale or lost is handed on."""

import copy
import json
import os
import subprocess

import pytest
import yaml
from places import ROOT

from akitaflow.errors import InputError
from akitaflow.mapping import distiller_project
from akitaflow.study.checks.mapping import check_mapping
from akitaflow.study.schema import fill, load_schema
from akitaflow.study.study import Study

MAPPING = fill({"mapping": {"engine": "distiller"}}, load_schema("config"))["mapping"]
LIBRARIES = {"R1": {"lane1": ["a/reads_1.fq.gz", "a/reads_2.fq.gz"], "lane2": ["b/reads_1.fq.gz", "b/reads_2.fq.gz"]}}
SIZES = {"chrI": 1000, "chrII": 600}


def options(**changes):
    return {**copy.deepcopy(MAPPING["distiller"]), **changes}


# --- what it is given ---------------------------------------------------------------------------------------------
def identity(tmp_path, reads="r", genome="ACGT", sizes="chrI\t4", mapping=MAPPING, bin_size=2000, min_mapq=30, **other):
    (tmp_path / "genome.fa").write_text(genome)
    (tmp_path / "chrom.sizes").write_text(sizes)
    return distiller_project.identify(
        other.get("dataset", "A"),
        "sacCer3",
        {"R1": {"lane1": [reads, "2"]}},
        [tmp_path / "genome.fa", tmp_path / "chrom.sizes"],
        distiller_project.processing(mapping, bin_size, min_mapq),
        distiller_project.engine_identity(mapping["distiller"]),
        {"bwa": other.get("bwa", "0.7.17")},
    )["digest"]


@pytest.mark.parametrize(
    "change",
    [
        {"reads": "other"},
        {"genome": "ACGA"},
        {"sizes": "chrI\t3"},
        {"bin_size": 1000},
        {"min_mapq": 0},
        {"dataset": "B"},
        {"bwa": "0.7.19"},
        {"mapping": {**MAPPING, "bwa_options": "-k 21"}},
        {"mapping": {**MAPPING, "walks_policy": "5any"}},
        {"mapping": {**MAPPING, "max_mismatch": 3}},
        {"mapping": {**MAPPING, "balance": {**MAPPING["balance"], "min_nnz": 3}}},
        *({"mapping": {**MAPPING, "distiller": options(**part)}} for part in (
            {"chunk_size": 5}, {"revision": "v0.3.3"}, {"resolutions": [4000]}, {"filters": {"far": "(mapq1>1)"}})),
    ],
    ids=str,
)  # fmt: skip
def test_whatever_changes_the_result_changes_the_folder_of_the_run(tmp_path, change):
    assert identity(tmp_path, **change) != identity(tmp_path)


def test_executor_and_resources_do_not_change_the_folder(tmp_path):
    elsewhere = options(
        executor="slurm", queue="cpu", submit="job", cpus=2, memory_gb=3, retries=0, work_dir="/scratch"
    )
    assert identity(tmp_path, mapping={**MAPPING, "distiller": elsewhere}) == identity(tmp_path)


def test_reads_of_one_name_get_names_of_their_own_without_further_points():
    suffixes = {path: ".fastq.gz" for paths in LIBRARIES["R1"].values() for path in paths}
    linked = distiller_project.links("/study/run", LIBRARIES, suffixes)
    assert list(linked) == [
        f"/study/run/reads/R1.{run}_{mate}.fastq.gz" for run in ("lane1", "lane2") for mate in (1, 2)
    ]
    assert len(set(linked.values())) == 4 and all(map(os.path.isabs, linked.values()))


def test_the_params_file_holds_the_study_with_absolute_places():
    suffixes = {path: ".fastq.gz" for paths in LIBRARIES["R1"].values() for path in paths}
    linked = distiller_project.links("/study/run", LIBRARIES, suffixes)
    mapping = {**MAPPING, "bwa_options": "-k 21", "distiller": options(resolutions=[8000, 4000])}
    sections = distiller_project.processing(mapping, 2000, 30)
    content = distiller_project.project(
        "A", "sacCer3", "/study/run", "bwa/genome.fa", "chrom.sizes", LIBRARIES, linked, sections
    )
    read = yaml.safe_load(distiller_project.as_yaml(content))
    assert read == content
    assert read["input"]["library_groups"] == {"A": ["R1"]}
    assert read["input"]["raw_reads_paths"]["R1"]["lane2"] == [
        f"/study/run/reads/R1.lane2_{i}.fastq.gz" for i in (1, 2)
    ]
    assert read["map"] | {"chunksize": 30000000, "mapping_options": "-k 21"} == read["map"]
    assert read["bin"]["resolutions"] == [2000, 4000, 8000]
    assert read["bin"]["filters"] == {"mapq_30": "(mapq1>=30) and (mapq2>=30)"}
    assert "--min-nnz 10" in read["bin"]["balance_options"]
    places = [*read["output"]["dirs"].values(), *list(read["input"]["genome"].values())[1:]]
    assert all(map(os.path.isabs, places))


def test_paths_that_a_shell_or_a_glob_would_change_are_refused():
    distiller_project.check_paths(["/study/run-1/genome.fa.amb"])
    for odd in ("my study", "a'b", "$HOME", "reads[1]", "a;b", "*"):
        with pytest.raises(InputError, match="in a path"):
            distiller_project.check_paths([f"/data/{odd}/run"])


@pytest.mark.parametrize(
    "key, value",
    [
        ("bwa_options", "-k 21; rm x"),
        ("filters", {"a.b": "(mapq1>1)"}),
        ("filters", {"ab": "mapq1>1'; rm x"}),
        ("filters", {"ab": "$(rm x)"}),
        ("extra", "--wrap='x'"),
        ("queue", "cpu gpu"),
        ("revision", "-x"),
        ("repository", "a b"),
    ],
)
def test_the_schema_refuses_what_would_reach_a_shell(key, value):
    from akitaflow.study.schema import validate

    changed_options = {key: value} if key == "bwa_options" else {"distiller": {key: value}}
    with pytest.raises(InputError, match=key):
        validate({"mapping": changed_options}, load_schema("config"), "config.yaml")


@pytest.mark.parametrize(
    "part, message",
    [
        ({"resolutions": [3000]}, "not a multiple"),
        ({"resolutions": [2048]}, "not a multiple"),
        ({"filters": {"mapq_10": "(mapq1>=10)"}}, "own min_mapq"),
        ({"queue": "cpu"}, "executor: slurm"),
        ({"path": "nowhere"}, "no distiller.nf"),
    ],
)
def test_settings_that_do_not_fit_are_an_error_before_any_job(part, message):
    config = {"mapping": {**MAPPING, "distiller": options(**part)}, "geometry": {"bin_size": 2048}}
    study = Study(config=config, roots={}, source="config.yaml")
    with pytest.raises(InputError, match=message):
        check_mapping(study)
    config["mapping"]["engine"] = "native"
    check_mapping(study)


def test_a_checkout_must_be_at_the_revision_that_is_pinned(tmp_path):
    (tmp_path / "distiller.nf").write_text("x")
    (tmp_path / "VERSION").write_text("version='0.3.3'\n")
    commit = "e0b7456bbe7ee62b2574dbb7734b829fcfac5c60"
    (tmp_path / ".git" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "refs" / "heads" / "main").write_text(commit + "\n")
    for revision in ("v0.3.3", "0.3.3", commit, commit[:8]):
        distiller_project.check_revision(tmp_path, revision)
    with pytest.raises(InputError, match=r"v0\.3\.4.*holds version 0\.3\.3"):
        distiller_project.check_revision(tmp_path, "v0.3.4")
    before = distiller_project.engine_identity(options(revision="v0.3.3"), tmp_path)
    (tmp_path / "distiller.nf").write_text("edited")
    assert distiller_project.engine_identity(options(revision="v0.3.3"), tmp_path) != before


def test_the_call_pins_the_revision_and_keeps_the_profiles_of_others_out():
    call = distiller_project.command(options(), "project.yml", "nextflow.config", "work")
    assert call[:5] == ["nextflow", "run", "open2c/distiller-nf", "-r", "v0.3.4"]
    assert call[call.index("-profile") + 1] == "custom" and "-resume" in call
    assert os.path.isabs(call[call.index("--custom_config") + 1])
    call = distiller_project.command(options(resume=False), "p", "c", "w", path="here")
    assert call[2] == os.path.abspath("here/distiller.nf") and "-r" not in call and "-resume" not in call


def program(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_another_nextflow_and_missing_programs_are_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    with pytest.raises(InputError, match=r"needs nextflow, bwa, .*make nextflow"):
        distiller_project.check_software("22.10.6")
    for name in distiller_project.NEEDED:
        program(tmp_path / "bin", name, "echo version 1.2.3")
    for version, reason in (("23.04.1", "DSL1"), ("22.10.7", "another result")):
        program(tmp_path / "bin", "nextflow", f"echo '  version {version} build 1'")
        with pytest.raises(InputError, match=reason):
            distiller_project.check_software("22.10.6")
    program(tmp_path / "bin", "nextflow", "echo '  version 22.10.6 build 1'")
    assert distiller_project.check_software("22.10.6")["nextflow"] == "22.10.6"


# --- with the real Nextflow ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("executor", ["local", "slurm"])
def test_nextflow_reads_the_values_of_its_config(tmp_path, nextflow, executor):
    further = {"queue": "cpu", "account": "lab", "extra": "--qos=long"} if executor == "slurm" else {}
    text = distiller_project.nextflow_config(options(executor=executor, cpus=8, memory_gb=16, **further))
    (tmp_path / "nextflow.config").write_text(text)
    done = subprocess.run(
        ["nextflow", "config", "-flat", str(tmp_path)],
        env={**nextflow, "DISTILLER_CPUS": "3", "DISTILLER_MB": "9000"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    read = dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)
    mapped = next(key for key in read if "map_parse_sort_chunks" in key and key.endswith("cpus"))
    assert read["docker.enabled"] == "false" and read["trace.overwrite"] == "true"
    assert read["process.maxRetries"] == "2" and read["process.distillerTmpDir"] == "'./'"
    if executor == "slurm":
        assert read["process.queue"] == "'cpu'" and read["process.clusterOptions"] == "'--account=lab --qos=long'"
        assert read["executor.queueSize"] == "50" and read[mapped] == "8"
    else:
        assert read["executor.cpus"] == "3" and read[mapped] == "3"  # not more than the job was given
        assert read["executor.memory"] == "'9000 MB'"


def test_the_launcher_and_the_config_name_one_version():
    pom = (ROOT / "resources" / "nextflow" / "pom.xml").read_text()
    environment = (ROOT / "envs" / "nextflow.yaml").read_text()
    wanted = MAPPING["distiller"]["nextflow_version"]
    assert pom.count(f"<version>{wanted}</version>") == 2 and f"nextflow={wanted}" in environment
    assert json.loads(json.dumps(MAPPING))["engine"] == "distiller"
