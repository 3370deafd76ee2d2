# `make` lists the commands. Most of them run setup.sh first, which does nothing if set-up is complete.

CORES ?= $(shell nproc)
UV ?= uv
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast test-slurm yeast full nextflow format docs docs-results requirements

# Jobs start Python hundreds of times, and without bytecode each start takes seconds.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.nextflow.installed/bin:$(PATH)
export PYTHON

help:
	@echo 'make demo [SEED=7] [DIR=folder] [CORES=2]   the miniature: simulated reads to figures and report'
	@echo 'make test [ARGS="-k targets"]               all tests (ARGS are passed to pytest)'
	@echo 'make test-fast [ARGS=...]                   unit tests without TensorFlow (about a minute)'
	@echo 'make test-slurm [ARGS=...]                  the workflow on a SLURM that is installed for it (root; see tests/slurm)'
	@echo 'make yeast [DATA=folder] [DIR=folder]       real yeast reads and a real yeast map'
	@echo 'make full [DIR=folder] [CORES=8]            two training steps at the published size (10 GB of memory)'
	@echo 'make nextflow                               install Nextflow for the engine distiller (needs java and mvn)'
	@echo 'make setup [PYTHON=/path/to/python3.12]     set-up only'
	@echo 'make format                                 format Python and Snakemake files'
	@echo 'make docs                                   build the site of the documentation in docs/_build/html and check it'
	@echo 'make docs-results [DIR=demo]                renew its pictures and notebooks from a finished miniature'
	@echo 'make requirements                           update requirements.txt from requirements.in (needs uv)'

setup:
	@./setup.sh

# --- the miniature ---
# DIR=folder runs in another folder, with a copy of the config; SEED sets the seed of all random numbers.
demo: run = $(or $(DIR),demo)
demo: options = --directory '$(run)' $(if $(SEED),--config seed=$(SEED))
demo: setup
	@if [ ! -d '$(run)/config' ]; then \
		mkdir -p '$(run)'; \
		rm -rf '$(run)/config.part'; \
		cp -r demo/config '$(run)/config.part'; \
		mv '$(run)/config.part' '$(run)/config'; \
	fi
	snakemake --cores $(CORES) $(options)
	snakemake --report "$$(realpath '$(run)')/report.html" $(options)
	@echo
	@cat '$(run)/results/truth.tsv'
	@echo
	@echo 'The miniature is finished. Results:'
	@echo '  report           $(run)/report.html'
	@echo '  planted truth    $(run)/results/truth.tsv (above)'
	@echo '  figures          $(run)/results/figures/'
	@echo '  accuracy         $(run)/results/evaluation/main/metrics.tsv'
	@echo '  every file       docs/outputs.md'

# One process per core, at most four; the files of tests are distributed over them.
WORKERS ?= $(shell n=$(CORES); echo $$((n < 4 ? n : 4)))
test: setup
	python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

test-fast: setup
	python -m pytest -n $(WORKERS) --fast $(ARGS)

# Installs SLURM and starts it, and removes it at the end. Refuses where SLURM or /etc/slurm exists.
test-slurm: setup
	python tests/helpers/slurm_cluster.py $(ARGS)

# --- real data ---
# Downloads the files of config/yeast, or reads them from the folder DATA: fastq/, genome/, maps/.
yeast: run = $(or $(DIR),yeast)
yeast: data = $(shell realpath '$(DATA)')
yeast: local = --config paths='{reads: $(data)/fastq, genome: $(data)/genome, map: $(data)/maps/scer_g1_2kb_SRR8769554.cool}'
yeast: options = --configfile '$(CURDIR)/config/yeast/config.yaml' --directory '$(run)' $(if $(DATA),$(local))
yeast: setup
	mkdir -p '$(run)'
	snakemake --cores $(CORES) $(options)
	snakemake --report "$$(realpath '$(run)')/report.html" $(options)
	@echo 'The yeast run is finished: $(run)/report.html, $(run)/results/'

# --- the published size ---
# Two training steps on a simulated genome of 8 Mb at the published geometry; needs 10 GB of memory and some minutes.
full: run = $(or $(DIR),full)
full: files = results/evaluation/main/metrics.tsv results/mutagenesis/main/CTCF/windows.tsv \
	results/figures/figure_1b.png results/figures/figure_ctcf.png
full: options = --configfile '$(CURDIR)/config/full_geometry/config.yaml' --directory '$(run)'
full: setup
	mkdir -p '$(run)'
	snakemake $(files) --cores $(CORES) $(options)
	@echo
	@echo 'Wall time and largest memory of each job:'
	@cd '$(run)' && awk 'FNR == 2 {printf "  %-45s %7.0f s %7.0f MB\n", FILENAME, $$1, $$3}' benchmarks/*/*.tsv
	@echo 'Training, epochs of one step (the first step includes building the graph):'
	@tr '\r' '\n' < '$(run)/logs/train_model/main.log' | grep -aE '^(Training on|epoch)'

# --- the engine distiller without conda ---
# Tests that need Nextflow are skipped unless it is installed.
nextflow:
	@resources/nextflow/install.sh '$(CURDIR)/.nextflow.installed'

# --- for developers ---
format: setup
	ruff check --fix .
	ruff format .
	snakefmt Snakefile rules

# Warnings are errors. Pages of modules that no longer exist are removed first.
HTML ?= docs/_build/html
docs: setup
	rm -rf docs/reference
	python -m sphinx -W -j auto -d docs/_build/doctrees docs '$(HTML)'
	SITE='$(HTML)' python -m pytest -q tests/site
	@echo 'The site is built: $(HTML)/index.html'

docs-results: run = $(or $(DIR),demo)
docs-results: setup
	python docs/renew_results.py '$(run)'

# Solved for Python 3.11; the same versions are used for 3.12, except that TensorFlow requires
# tensorflow-io-gcs-filesystem below 3.12 only. uv drops this condition when it solves for one version; sed restores it.
requirements:
	@command -v $(UV) >/dev/null || { echo 'make requirements needs uv (pipx install uv), or UV=/path/to/uv'; exit 2; }
	$(UV) pip compile requirements.in --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.txt
	sed -i 's/^\(tensorflow-io-gcs-filesystem==[^ ]*\) \\$$/\1 ; python_version < "3.12" \\/' requirements.txt
	sed -i '1i # Made by `make requirements` from requirements.in.' requirements.txt
