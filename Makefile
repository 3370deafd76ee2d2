# `make` lists the commands. Every one of them first runs setup.sh, which does nothing where nothing is to be done.

CORES ?= $(shell nproc)
UV ?= uv
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast yeast full nextflow format requirements

# Jobs start Python hundreds of times: without bytecode each start costs seconds.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.nextflow.installed/bin:$(PATH)
export PYTHON

help:
	@echo 'make demo [SEED=7] [DIR=folder] [CORES=2]   the miniature: simulated reads to figures and report'
	@echo 'make test [ARGS="-k targets"]               all tests (ARGS are passed to pytest)'
	@echo 'make test-fast [ARGS=...]                    unit tests without TensorFlow: a minute, for work on the code'
	@echo 'make yeast [DATA=folder] [DIR=folder]       real yeast reads and a real yeast map'
	@echo 'make full [DIR=folder] [CORES=8]            two training steps at the published size: time and memory (10 GB)'
	@echo 'make nextflow                               Nextflow for the engine distiller, where java and mvn are'
	@echo 'make setup [PYTHON=/path/to/python3.12]     only the set-up'
	@echo 'make format                                 format Python and Snakemake files'
	@echo 'make requirements                           solve requirements.in anew (needs uv)'

setup:
	@./setup.sh

# --- the miniature ---
# DIR=folder runs in a folder of its own, with its own copy of the config; SEED changes everything random.
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
	@echo 'The miniature is done. Where to look:'
	@echo '  report           $(run)/report.html'
	@echo '  planted truth    $(run)/results/truth.tsv (above)'
	@echo '  figures          $(run)/results/figures/'
	@echo '  accuracy         $(run)/results/evaluation/main/metrics.tsv'
	@echo '  every file       docs/outputs.md'

# One process per core, at most four: they share the files of tests out among them.
WORKERS ?= $(shell n=$(CORES); echo $$((n < 4 ? n : 4)))
test: setup
	python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(ARGS)

test-fast: setup
	python -m pytest -n $(WORKERS) --fast $(ARGS)

# --- real data ---
# Downloads what config/yeast names, unless DATA is a folder that has it: fastq/, genome/, maps/.
yeast: run = $(or $(DIR),yeast)
yeast: data = $(shell realpath '$(DATA)')
yeast: local = --config paths='{reads: $(data)/fastq, genome: $(data)/genome, map: $(data)/maps/scer_g1_2kb_SRR8769554.cool}'
yeast: options = --configfile '$(CURDIR)/config/yeast/config.yaml' --directory '$(run)' $(if $(DATA),$(local))
yeast: setup
	mkdir -p '$(run)'
	snakemake --cores $(CORES) $(options)
	snakemake --report "$$(realpath '$(run)')/report.html" $(options)
	@echo 'The yeast run is done: $(run)/report.html, $(run)/results/'

# --- the published size ---
# A simulated genome of 8 Mb at the published geometry, through two training steps: needs 10 GB of memory and minutes.
full: run = $(or $(DIR),full)
full: made = results/evaluation/main/metrics.tsv results/mutagenesis/main/CTCF/windows.tsv \
	results/figures/figure_1b.png results/figures/figure_ctcf.png
full: options = --configfile '$(CURDIR)/config/full_geometry/config.yaml' --directory '$(run)'
full: setup
	mkdir -p '$(run)'
	snakemake $(made) --cores $(CORES) $(options)
	@echo
	@echo 'Wall time and largest memory of each job:'
	@cd '$(run)' && awk 'FNR == 2 {printf "  %-45s %7.0f s %7.0f MB\n", FILENAME, $$1, $$3}' benchmarks/*/*.tsv
	@echo 'Training, an epoch of one step each (the first step also builds the graph):'
	@tr '\r' '\n' < '$(run)/logs/train_model/main.log' | grep -aE '^(Training on|epoch)'

# --- the engine distiller without conda ---
# make test runs the tests that need Nextflow where this was called; without it they are skipped.
nextflow:
	@resources/nextflow/install.sh '$(CURDIR)/.nextflow.installed'

# --- for developers ---
format: setup
	ruff check --fix .
	ruff format .
	snakefmt Snakefile rules

# Solved for Python 3.11; the same versions serve 3.12, which lacks one package of 3.11's: TensorFlow asks for
# tensorflow-io-gcs-filesystem below 3.12 only. uv drops that condition when it solves for one version: sed puts it back.
requirements:
	@command -v $(UV) >/dev/null || { echo 'make requirements needs uv (pipx install uv), or UV=/path/to/uv'; exit 2; }
	$(UV) pip compile requirements.in --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.txt
	sed -i 's/^\(tensorflow-io-gcs-filesystem==[^ ]*\) \\$$/\1 ; python_version < "3.12" \\/' requirements.txt
	sed -i '1i # Made by `make requirements` from requirements.in.' requirements.txt
