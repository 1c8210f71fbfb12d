#!/usr/bin/env bash
# Gets the single file of a release for this machine into FOLDER, checks its sum, and puts it on the path of the steps that
# follow. A file that is there already, out of a cache, is checked alike.
#
#   VERSION   the release; by default that of the package.json beside this
#   SHA256    the sum that the file must have; by default the one in the release's SHA256SUMS
#   RELEASES  where releases lie; by default those of the repository that package.json names
#
# With --name it only tells the name under which the file is cached.
set -euo pipefail

manifest=$(dirname "$0")/../package.json
fail() {
  echo "::error::$1"
  exit 1
}
output() {
  if [[ -n ${GITHUB_OUTPUT:-} ]]; then echo "$1=$2" >>"$GITHUB_OUTPUT"; else echo "$1=$2"; fi
}

version=${VERSION:-$(sed -n 's/^  "version": "\(.*\)",\{0,1\}$/\1/p' "$manifest")}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "$version is no version of a release"

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) name=linux-x64 ;;
  Linux-aarch64 | Linux-arm64) name=linux-arm64 ;;
  Darwin-x86_64) name=darwin-x64 ;;
  Darwin-arm64) name=darwin-arm64 ;;
  MINGW*-x86_64 | MSYS*-x86_64 | CYGWIN*-x86_64) name=windows-x64.exe ;;
  *) fail "there is no file for $(uname -s) on $(uname -m)" ;;
esac
file=glyphoxa-kustomize-$name
suffix=${file##*-x64}
[[ $suffix == .exe ]] || suffix=
if [[ ${1:-} == --name ]]; then
  output key "glyphoxa-kustomize-$version-$name"
  exit
fi

repository=$(sed -n 's#^.*"url": "[^"]*github\.com[/:]\([A-Za-z0-9._-]*/[A-Za-z0-9._-]*\)".*$#\1#p' "$manifest" | head -n 1)
repository=${repository%.git}
releases=${RELEASES:-${repository:+https://github.com/$repository/releases/download}}
[[ -n $releases ]] || fail 'package.json names no repository: there is no release to get'

folder=${FOLDER:?}
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
get() {
  curl --silent --show-error --fail --location --proto-redir '=https' --retry 3 --output "$2" "$releases/v$version/$1" ||
    fail "$1 of v$version cannot be had from $releases"
}
sum_of() { { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1; }

expected=${SHA256:-}
if [[ -z $expected ]]; then
  get SHA256SUMS "$work/SHA256SUMS"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $file\$/\1/p" "$work/SHA256SUMS")
fi
[[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "v$version has no sum of $file"

program=$folder/glyphoxa-kustomize$suffix
if [[ ! -f $program || $(sum_of "$program") != "$expected" ]]; then
  get "$file" "$work/$file"
  actual=$(sum_of "$work/$file")
  [[ $actual == "$expected" ]] || fail "$file has the sum $actual, expected $expected: it is not installed"
  chmod 755 "$work/$file"
  mv "$work/$file" "$program"
fi
echo "$folder" >>"${GITHUB_PATH:-/dev/null}"
output path "$program"
echo "glyphoxa-kustomize $version is at $program"
