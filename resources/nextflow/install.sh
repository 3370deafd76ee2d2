#!/usr/bin/env bash
# Installs Nextflow from Maven Central into the given folder, for machines with java and mvn and without conda. Does nothing
# if it is installed; run it again after an interruption.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="${1:?give the folder to install into}"

fail() {
    printf 'nextflow: %s\n' "$1" >&2
    exit 1
}

for program in java mvn; do
    command -v "$program" >/dev/null || fail "$program is missing.
Install it (Debian, Ubuntu: sudo apt-get install openjdk-17-jre-headless maven), or install Nextflow from bioconda:
  conda create -n akitaflow-nextflow -c conda-forge -c bioconda nextflow=22.10.6 openjdk=11"
done
if [ -d "$target/jars" ] && cmp -s "$here/pom.xml" "$target/pom.xml" && cmp -s "$here/nextflow" "$target/bin/nextflow"; then
    exit 0
fi
rm -rf "$target" "$target.part"
mkdir -p "$target.part/bin"
cp "$here/nextflow" "$target.part/bin/nextflow"
cp "$here/pom.xml" "$target.part/pom.xml"
# with a fixed version of the plugin
mvn --batch-mode --quiet --file "$target.part/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$(cd "$target.part" && pwd)/jars"
"$target.part/bin/nextflow" -version >/dev/null || fail "Nextflow was installed but does not start (it needs Java 11 to 17)"
mv "$target.part" "$target"
printf 'nextflow: %s\n' "$target/bin/nextflow" >&2
