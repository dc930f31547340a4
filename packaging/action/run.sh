#!/usr/bin/env bash
# Runs `plimsoll action` with the inputs of action.yml. It finds the binary: the one that is
# named, the release of this version, or built from the action's own checkout.
set -euo pipefail

here=${PLIMSOLL_ACTION:?}
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/plimsoll.XXXXXX")

fail() {
  echo "::error title=Plimsoll::$1"
  exit 2
}

# The runner keeps an action in …/_actions/OWNER/NAME/REF. A complete version is a release.
version() {
  if [[ -n ${PLIMSOLL_VERSION:-} ]]; then
    echo "${PLIMSOLL_VERSION#v}"
  elif [[ $(basename "$here") =~ ^v([0-9]+\.[0-9]+\.[0-9]+)$ ]]; then
    echo "${BASH_REMATCH[1]}"
  fi
}

# The releases of the repository that the action comes from.
releases() {
  if [[ -n ${PLIMSOLL_RELEASES:-} ]]; then
    echo "$PLIMSOLL_RELEASES"
  else
    echo "${GITHUB_SERVER_URL:-https://github.com}/$(basename "$(dirname "$(dirname "$here")")")/$(basename "$(dirname "$here")")/releases/download"
  fi
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

download() {
  local version=$1 os arch archive wanted
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+.][0-9A-Za-z.+-]+)?$ ]] || fail "version: expected one such as 1.2.3"
  case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) fail "there is no release for this system: use a Linux or macOS runner" ;; esac
  case $(uname -m) in x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) fail "there is no release for this processor" ;; esac
  archive=plimsoll_${version}_${os}_${arch}.tar.gz
  for file in checksums.txt "$archive"; do
    curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 --max-time 120 \
      --output "$work/$file" "$(releases)/v$version/$file" || fail "can't download $file of version $version"
  done
  wanted=$(awk -v name="$archive" '$2 == name || $2 == "*" name {print $1}' "$work/checksums.txt")
  [[ $wanted =~ ^[0-9a-f]{64}$ && $(checksum "$work/$archive") == "$wanted" ]] || fail "the checksum of $archive is wrong"
  tar -xzf "$work/$archive" -C "$work" plimsoll || fail "$archive holds no plimsoll"
  binary=$work/plimsoll
}

build() {
  command -v go >/dev/null || fail "this action is no released version, so it has to be built, and there is no Go (name a release: uses: …@vX.Y.Z, or the input version)"
  echo "plimsoll: building from $here, because this is no released version"
  (cd "$here" && CGO_ENABLED=0 go build -trimpath -o "$work/plimsoll" ./cmd/plimsoll) || fail "can't build plimsoll"
  binary=$work/plimsoll
}

binary=${PLIMSOLL_BINARY:-}
if [[ -z $binary ]]; then
  wanted=$(version)
  if [[ -n $wanted ]]; then download "$wanted"; else build; fi
elif [[ ! -x $binary ]]; then
  fail "binary: no such program"
fi

flags=(
  "--fail-on=${PLIMSOLL_FAIL_ON:-breaking}"
  "--readiness=${PLIMSOLL_READINESS:-true}"
  "--readiness-fail-on=${PLIMSOLL_READINESS_FAIL_ON:-blocking}"
  "--comment=${PLIMSOLL_COMMENT:-true}"
  "--comment-author=${PLIMSOLL_COMMENT_AUTHOR:-}"
  "--json=$work/plimsoll.json"
  "--sarif=$work/plimsoll.sarif"
)
each() { # each FLAG LINES: a flag for each line that is not empty
  local line
  while IFS= read -r line; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    if [[ -n $line ]]; then flags+=("$1=$line"); fi
  done <<<"$2"
}
each --consumers "${PLIMSOLL_CONSUMERS:-}"
each --contract "${PLIMSOLL_CONTRACTS:-}"

status=0
"$binary" action "${flags[@]}" || status=$?
if [[ $status == 3 && ${PLIMSOLL_FAIL_ON_UNKNOWN:-false} != true ]]; then
  echo "::warning title=Plimsoll::The answer is unknown. The job summary says why."
  status=0
fi
exit "$status"
