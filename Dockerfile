# All programs and packages of the workflow for CPUs: docker build -t akitaflow .
# The packages are those of requirements.txt, with hashes, and the programs those of Debian 12, as `make setup` installs
# them. For a GPU use the environments of envs/ instead: the wheels of TensorFlow here have no CUDA libraries.
FROM debian:12-slim

LABEL org.opencontainers.image.title="akitaflow" \
      org.opencontainers.image.description="From Hi-C and Micro-C reads to a trained model of genome folding and its figures" \
      org.opencontainers.image.licenses="MIT"

WORKDIR /opt/akitaflow
COPY requirements.txt setup.sh ./
RUN ./setup.sh && rm -rf ~/.cache /var/lib/apt/lists/*
COPY Snakefile LICENSE README.md ./
COPY akitaflow akitaflow
COPY config config
COPY envs envs
COPY profiles profiles
COPY report report
COPY resources resources
COPY rules rules
COPY scripts scripts
COPY demo/config demo/config

# bytecode of Snakemake and the library: the folder is read-only for other users
RUN .venv/bin/python -m compileall -q akitaflow
ENV PATH=/opt/akitaflow/.venv/bin:$PATH XDG_CACHE_HOME=/tmp/cache MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /study
# docker run --user $(id -u):$(id -g) -v /data/study:/study akitaflow --cores 8
ENTRYPOINT ["snakemake", "--snakefile", "/opt/akitaflow/Snakefile"]
