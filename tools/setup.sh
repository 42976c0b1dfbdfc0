#!/usr/bin/env bash
# Installs what Faultline needs to build on Debian 12, and only what is missing. Run it again as often as you like.
#
#   tools/setup.sh                   install missing packages (asks for sudo when you are not root)
#   tools/setup.sh --replace-boost   also when Debian's default Boost 1.74 must make way for 1.81
#   tools/setup.sh --browser         Chromium, too: with it the tests of the pages run (tests/web)
#   FAULTLINE_SKIP_SETUP=1           do nothing: on other systems, once you have installed the same things by hand
set -euo pipefail

packages=(
  build-essential clang cmake ninja-build ccache lld
  libboost1.81-dev                       # Boost.MSM; that of 1.74 does not compile as C++20
  libboost-json1.81-dev                  # policies and the wire
  libprotobuf-dev protobuf-compiler      # the language of scenarios, API, wire and traces
  libleveldb-dev libsnappy-dev           # stores; LevelDB's CMake package says -lsnappy, but its Debian package does not bring it
  libcrypto++-dev                        # envelopes
  libdeflate-dev                         # reports
  zlib1g-dev                             # their tests, which read them by another way
  libxxhash-dev libfmt-dev libexpected-dev libcli11-dev
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
  libclang-rt-14-dev                     # libFuzzer and the sanitizers of clang++
  spin                                   # a second opinion on how many states a search must find
  parallel                               # the shards of a sweep, side by side
  # Real clients for tests/conformance, as Debian 12 pins them; Node's packages are pinned by tests/conformance/js.
  awscli python3-boto3 golang-go golang-github-aws-aws-sdk-go-v2-dev
)
replace_boost=
for option in "$@"; do
  case "$option" in
    --replace-boost) replace_boost=1 ;;
    --browser) packages+=(chromium) ;;
    *)
      echo "setup: there is no option $option" >&2
      exit 64
      ;;
  esac
done
# A Node from elsewhere will do, and conflicts with Debian's npm.
command -v npm >/dev/null || packages+=(nodejs npm)

say() { echo "setup: $*"; }
is_installed() { [[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" == ii* ]]; }

if [[ -n "${FAULTLINE_SKIP_SETUP:-}" ]]; then
  say "skipped, as FAULTLINE_SKIP_SETUP says"
  exit 0
fi

system=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release 2>/dev/null || true)
system=${system:-$(uname -s)}
if ! command -v apt-get >/dev/null || [[ "$system" != "Debian GNU/Linux 12 "* ]]; then
  say "this is '$system', and only Debian 12 with apt-get is supported; install the packages listed in tools/setup.sh" \
    "yourself, then set FAULTLINE_SKIP_SETUP=1" >&2
  exit 1
fi

if [[ " ${packages[*]} " != *" chromium "* ]] && ! command -v chromium >/dev/null; then
  say "there is no Chromium: the tests of the pages will be skipped (tools/setup.sh --browser brings it)"
fi

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  say "all ${#packages[@]} packages are installed"
  exit 0
fi

if is_installed libboost1.74-dev; then
  if [[ -z "$replace_boost" && -z "${CI:-}" ]]; then
    say "libboost1.74-dev is installed; Debian allows one Boost at a time and we need 1.81." \
      "'tools/setup.sh --replace-boost' removes 1.74 and whatever depends on it (libboost-dev, libboost-all-dev)." >&2
    exit 1
  fi
  say "libboost1.81-dev takes the place of libboost1.74-dev"
fi

as_root=()
if [[ "$(id -u)" != 0 ]]; then
  if ! command -v sudo >/dev/null; then
    say "missing: ${missing[*]}. Install them as root: there is no sudo here." >&2
    exit 1
  fi
  as_root=(sudo)
fi

say "installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
say "done"
