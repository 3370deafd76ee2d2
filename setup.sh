#!/usr/bin/env bash
# Puts in place what akitaflow runs on without conda: the programs it calls, and .venv with the packages of
# requirements.txt. A second call ends at once; a call that was killed is mended by the next one.
# PYTHON=/path/to/python3.12 names the Python to use (3.11 or 3.12). Never calls sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME # bytecode is wanted, packages of another Python are not

stamp=.venv/setup.stamp # written last: what it says about .venv is true
wanted="$(cat requirements.txt setup.sh | cksum) $PWD"
programs=(bwa samtools bedtools tabix bgzip)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    printf '\nsetup: %s\n' "$1" >&2
    exit 1
}

right_version() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; }
can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

can_compile() { # C++ compiler, zlib's headers and those of the given Python
    local include
    include="$("$1" -c 'import sysconfig; print(sysconfig.get_path("include"))')"
    command -v "${CC:-cc}" >/dev/null || return 1
    # shellcheck disable=SC2086 # CPPFLAGS is a list
    printf '#include <Python.h>\n#include <zlib.h>\n#include <string>\n' |
        "${CXX:-c++}" ${CPPFLAGS:-} -I"$include" -x c++ -E - >/dev/null 2>&1
}

find_python() { # the first complete Python, else the first of the right version
    local candidate first=""
    while read -r candidate; do
        # make puts .venv first on PATH: what is about to be replaced is not what it is made from
        case "$candidate" in "$PWD"/.venv/*) continue ;; esac
        right_version "$candidate" || continue
        if can_make_venv "$candidate" && can_compile "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
        first="${first:-$candidate}"
    done < <(if [ -n "${PYTHON:-}" ]; then type -P "$PYTHON"; else type -aP python3.11 python3.12 python3; fi)
    printf '%s\n' "$first"
}

up_to_date() { # .venv is what is wanted; a Python asked for by name counts, without a name the one that is there does
    [ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && right_version .venv/bin/python || return 1
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON" 2>/dev/null)" = "$(version_of .venv/bin/python)" ]
}

look() { # fills `missing` (words for people) and `packages` (Debian's names)
    local program
    missing=()
    packages=()
    for program in "${programs[@]}"; do
        command -v "$program" >/dev/null && continue
        missing+=("$program")
        packages+=("${program/bgzip/tabix}")
    done
    up_to_date && return
    python="$(find_python)"
    if [ -z "$python" ]; then
        missing+=("Python 3.11 or 3.12")
        packages+=("$(debian_python)" "$(debian_python)-venv" "$(debian_python)-dev" gcc g++ zlib1g-dev)
        return
    fi
    if ! can_make_venv "$python"; then
        missing+=("the venv module of $python")
        packages+=("python$(version_of "$python")-venv")
    fi
    if ! can_compile "$python"; then
        missing+=("a C++ compiler or the headers of zlib and $python")
        packages+=(gcc g++ zlib1g-dev)
        # A Python that is not Debian's brings its own headers.
        case "$python" in /usr/bin/* | /bin/*) packages+=("python$(version_of "$python")-dev") ;; esac
    fi
}

debian_python() { # the one that this release has
    if apt-cache show python3.12-venv >/dev/null 2>&1; then echo python3.12; else echo python3.11; fi
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_packages() {
    say "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "$@" >/dev/null
}

# --- one set-up at a time, and none where nothing is to be done -------------------------------------------------
if command -v flock >/dev/null; then
    exec 9>.setup.lock
    flock 9
fi
if [ -n "${PYTHON:-}" ] && ! right_version "$PYTHON"; then
    fail "PYTHON=$PYTHON is not there, or is not Python 3.11 or 3.12.
Give the path of one that is (make PYTHON=/path/to/python3.12 demo), or leave PYTHON out."
fi
look
if [ "${#missing[@]}" != 0 ] && may_install; then
    apt-get -qq update
    look # apt-cache knows more now
    install_packages "${packages[@]}"
    look
fi
if [ "${#missing[@]}" != 0 ]; then
    fail "missing: $(printf '%s; ' "${missing[@]}" | sed 's/; $//')
As root this script installs what Debian and Ubuntu have. Otherwise do one of these, then run the same command again:
  Debian, Ubuntu:    sudo apt-get install $(printf '%s\n' "${packages[@]}" | sort -u | tr '\n' ' ')
  conda, mamba:      conda create -n akitaflow-make -c conda-forge -c bioconda python=3.11 bwa samtools bedtools \\
                         htslib c-compiler cxx-compiler zlib make
                     conda activate akitaflow-make
  another Python:    make PYTHON=/path/to/python3.12 demo
                     (3.11 or 3.12: TensorFlow, cooltools and pairtools have no common versions for others)"
fi
if up_to_date; then
    exit 0
fi

# --- the packages -----------------------------------------------------------------------------------------------
trap 'say "stopped before the end: run the same command again (downloads are kept)"' ERR
trap 'exit 130' INT TERM
say "making .venv from $python ($(version_of "$python")): a few minutes, once"
rm -rf .venv
"$python" -m venv .venv
pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input --quiet)
# What builds the packages that come as source is pinned too: first in place, then used without isolation.
awk '/^[a-z]/ { keep = /^(cython|numpy|setuptools|wheel)==/ } keep' requirements.txt >.venv/build-requirements.txt
"${pip[@]}" install --require-hashes --no-deps --no-compile -r .venv/build-requirements.txt
"${pip[@]}" install --require-hashes --no-deps --no-compile --no-build-isolation -r requirements.txt
"${pip[@]}" check
say "compiling bytecode"
PYTHONWARNINGS=ignore .venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null || true # some files are for other Pythons
printf '%s\n' "$wanted" >"$stamp.part"
mv "$stamp.part" "$stamp"
say "done"
