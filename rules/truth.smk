# Requires: the keys `truth` and `simulation` of the config, and everything that the claims are about: evaluation,
# mutagenesis, mapping, and results/simulation/truth/.
# Gives: results/truth.tsv (claim, expected, measured, low, high, holds); results/truth.ok only if every claim holds.


include: "truth_inputs.smk"


rule truth:
    input:
        predictions=f"results/evaluation/{config['figures']['model']}/predictions.h5",
        windows=truth_windows(),
        maps=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        mutagenesis=f"results/mutagenesis/{config['figures']['model']}/{config['truth']['motif']}/windows.tsv",
        libraries="results/mapping/libraries.tsv",
        pairs=[f"results/pairs/{dataset}/{library}.nodups.pairs.gz" for dataset, library in simulated_libraries()],
        reads=expand("results/simulation/truth/reads/{dataset}.h5", dataset=simulated_datasets()),
        repeats=[
            f"results/simulation/truth/{study.datasets.loc[dataset, 'genome']}/repeats.tsv"
            for dataset in simulated_datasets()
        ],
    output:
        report(
            "results/truth.tsv",
            caption="../report/truth.rst",
            category="Truth",
            labels={"result": "Claims"},
        ),
    log:
        "logs/truth/truth.log",
    benchmark:
        "benchmarks/truth/truth.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        truth=config["truth"],
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        fold=config["evaluation"]["fold"],
        mutagenesis_fold=config["mutagenesis"]["fold"],
        mapped=simulated_datasets(),
        mapped_libraries=simulated_libraries(),
        read_length=config["simulation"]["reads"]["length"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth.py"


rule assert_truth:
    """Fails, naming them, where claims do not hold."""
    input:
        "results/truth.tsv",
    output:
        "results/truth.ok",
    log:
        "logs/assert_truth/assert_truth.log",
    benchmark:
        "benchmarks/assert_truth/assert_truth.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    script:
        "../scripts/assert_truth.py"
