#!/usr/bin/env bash
# Puts Nextflow into the folder given, from Maven Central, for machines with java and mvn and without conda. A second call
# ends at once; a call that was killed is mended by the next one.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="${1:?the folder to install into}"

fail() {
    printf 'nextflow: %s\n' "$1" >&2
    exit 1
}

for program in java mvn; do
    command -v "$program" >/dev/null || fail "$program is missing.
Install it (Debian, Ubuntu: sudo apt-get install openjdk-17-jre-headless maven), or take Nextflow from bioconda:
  conda create -n akitaflow-nextflow -c conda-forge -c bioconda nextflow=22.10.6 openjdk=11"
done
if [ -d "$target/jars" ] && cmp -s "$here/pom.xml" "$target/pom.xml" && cmp -s "$here/nextflow" "$target/bin/nextflow"; then
    exit 0
fi
rm -rf "$target" "$target.part"
mkdir -p "$target.part/bin"
cp "$here/nextflow" "$target.part/bin/nextflow"
cp "$here/pom.xml" "$target.part/pom.xml"
# a plugin of a fixed version, so that every machine runs the same
mvn --batch-mode --quiet --file "$target.part/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$(cd "$target.part" && pwd)/jars"
"$target.part/bin/nextflow" -version >/dev/null || fail "Nextflow was fetched and does not start (Java 11 to 17 run it)"
mv "$target.part" "$target"
printf 'nextflow: %s\n' "$target/bin/nextflow" >&2
