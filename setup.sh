#!/usr/bin/env bash
# Installs the requirements of akitaflow without conda: the programs it calls, and .venv with the packages of
# requirements.txt. Does nothing if set-up is complete; run it again after an interruption.
# PYTHON=/path/to/python3.12 names the Python to use (3.11 or 3.12). Never calls sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME # write bytecode; no packages of another Python

stamp=.venv/setup.stamp # written at the end of a complete set-up
wanted="$(cat requirements.txt setup.sh | cksum) $PWD"
programs=(bwa samtools tabix bgzip)

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
        # make puts .venv first on PATH; it must not be created from itself
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

up_to_date() { # whether .venv is complete, and made with PYTHON if that is given
    [ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && right_version .venv/bin/python || return 1
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON" 2>/dev/null)" = "$(version_of .venv/bin/python)" ]
}

look() { # sets `missing` (descriptions for messages) and `packages` (names of Debian packages)
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
        # Another Python than Debian's has its own headers.
        case "$python" in /usr/bin/* | /bin/*) packages+=("python$(version_of "$python")-dev") ;; esac
    fi
}

debian_python() { # the version in this release
    if apt-cache show python3.12-venv >/dev/null 2>&1; then echo python3.12; else echo python3.11; fi
}

progress() { # reads the output of pip, and says where it is in the list of packages
    local line words count=0 total
    total="$(grep -c '^[a-z]' requirements.txt)"
    while IFS= read -r line; do
        case "$line" in
            "Collecting "*)
                count=$((count + 1))
                if [ $((count % 20)) = 0 ]; then say "$count of $total packages downloaded"; fi
                ;;
            *"Building wheel for "*": started")
                read -ra words <<<"$line"
                say "compiling ${words[3]}"
                ;;
            "Installing collected packages"*) say "installing $count packages" ;;
        esac
    done
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_packages() {
    say "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "$@" >/dev/null
}

# --- requirements; one set-up at a time -------------------------------------------------------------------------
if command -v flock >/dev/null; then
    exec 9>.setup.lock
    flock 9
fi
if [ -n "${PYTHON:-}" ] && ! right_version "$PYTHON"; then
    fail "PYTHON=$PYTHON does not exist, or is not Python 3.11 or 3.12.
Give the path of another one (make PYTHON=/path/to/python3.12 demo), or leave PYTHON out."
fi
look
if [ "${#missing[@]}" != 0 ] && may_install; then
    apt-get -qq update
    look # with the updated list of packages
    install_packages "${packages[@]}"
    look
fi
if [ "${#missing[@]}" != 0 ]; then
    fail "missing: $(printf '%s; ' "${missing[@]}" | sed 's/; $//')
As root on Debian or Ubuntu this script installs them. Otherwise do one of the following and run the same command again:
  Debian, Ubuntu:    sudo apt-get install $(printf '%s\n' "${packages[@]}" | sort -u | tr '\n' ' ')
  conda, mamba:      conda create -n akitaflow-make -c conda-forge -c bioconda python=3.11 bwa samtools htslib \\
                         c-compiler cxx-compiler zlib make
                     conda activate akitaflow-make
  another Python:    make PYTHON=/path/to/python3.12 demo
                     (3.11 or 3.12: TensorFlow 2.19 has no versions for others)"
fi
if up_to_date; then
    exit 0
fi

# --- the packages -----------------------------------------------------------------------------------------------
trap 'say "interrupted: run the same command again (downloads are kept)"' ERR
trap 'exit 130' INT TERM
say "creating .venv with $python ($(version_of "$python")), which takes about 4 minutes"
rm -rf .venv
"$python" -m venv .venv
pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input)
# Build requirements of source packages are pinned, too: they are installed first and used without build isolation.
awk '/^[a-z]/ { keep = /^(cython|numpy|setuptools|wheel)==/ } keep' requirements.txt >.venv/build-requirements.txt
"${pip[@]}" install --require-hashes --no-deps --no-compile -r .venv/build-requirements.txt | progress
"${pip[@]}" install --require-hashes --no-deps --no-compile --no-build-isolation -r requirements.txt | progress
"${pip[@]}" --quiet check
say "compiling bytecode"
PYTHONWARNINGS=ignore .venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null || true # some files are for other versions of Python
printf '%s\n' "$wanted" >"$stamp.part"
mv "$stamp.part" "$stamp"
say "done"
