#!/usr/bin/env bash
# Measures Watchword against wolfSSL, on this machine, and prints a table; README.md says what its rows are.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../.." && pwd)"
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

usage() {
  cat <<'TEXT'
usage: bench/peers/compare.sh [--seconds S] [--rounds N] [--ours FILE]

Measures wolfSSL as Debian ships it, wolfSSL rebuilt from Debian's source for speed, and Watchword, in turn.
Prints a Markdown table of operations per second on one thread, the best of all rounds for each row.

  --seconds S   seconds for each row of each round (default 1)
  --rounds N    rounds (default 2)
  --ours FILE   takes Watchword's rates from FILE, the output of "rates --json", instead of measuring them

WATCHWORD_PEERS_CACHE names the folder for sources, builds and results; default ~/.cache/watchword-peers.
TEXT
}

say() { printf '== %s\n' "$*" >&2; }

# fail CODE MESSAGE [HINT]
fail() {
  printf 'error: %s\n' "$2" >&2
  [ $# -lt 3 ] || printf 'hint: %s\n' "$3" >&2
  exit "$1"
}

seconds=1 rounds=2 ours=
while [ $# -gt 0 ]; do
  case $1 in
    --seconds | --rounds | --ours)
      [ $# -ge 2 ] || fail 2 "$1 needs a value" "compare.sh --help"
      case $1 in --seconds) seconds=$2 ;; --rounds) rounds=$2 ;; --ours) ours=$2 ;; esac
      shift 2
      ;;
    -h | --help) usage; exit 0 ;;
    *) fail 2 "unknown argument: $1" "compare.sh --help" ;;
  esac
done
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail 2 "--seconds takes a number, not: $seconds"
[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail 2 "--rounds takes a whole number from 1, not: $rounds"
[ -z "$ours" ] || [ -r "$ours" ] || fail 2 "no such file: $ours"

cache="${WATCHWORD_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/watchword-peers}"
mkdir -p "$cache"
cache="$(cd "$cache" && pwd)"

packages=(gcc libc6-dev make autoconf automake libtool dpkg-dev libwolfssl-dev)

# Of wolfSSL, what is measured and nothing else; README.md gives the reason for each option.
configure=(
  --enable-static --disable-shared --enable-cryptonly --disable-examples --disable-crypttests
  --enable-eccsi --enable-sakke
  --enable-sp=256,1024 --enable-sp-asm --enable-intelasm --enable-fpecc
)
optimise="-O3 -march=native"
compile=(gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror)

install_packages() {
  local missing=() package sudo=()
  command -v apt-get >/dev/null 2>&1 ||
    fail 3 "the comparison needs a Debian-like system, for its packages and its source of wolfSSL"
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    # Only where it needs no password: the script must not stop at a prompt.
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
      sudo=(sudo -n)
    else
      fail 3 "the comparison needs these Debian packages, and this user may not install them: ${missing[*]}" \
        "run \"apt-get install ${missing[*]}\" as root, then compare.sh again"
    fi
  fi
  say "installing ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# apt-get with the machine's own mirrors asked for source packages. The machine's lists may lack those, and are left alone.
source_apt() {
  local parts="$cache/apt/sources.list.d" file
  mkdir -p "$parts" "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
  for file in debian ubuntu; do
    [ ! -r "/etc/apt/sources.list.d/$file.sources" ] ||
      sed 's/^Types:.*/Types: deb-src/' "/etc/apt/sources.list.d/$file.sources" >"$parts/$file.sources"
  done
  [ ! -r /etc/apt/sources.list ] || sed -n 's/^deb[[:space:]]/deb-src /p' /etc/apt/sources.list >"$parts/main.list"
  # Root's cache folder may be closed to the user that apt downloads as.
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$parts" -o Dir::State::Lists="$cache/apt/lists" \
    -o Dir::Cache="$cache/apt/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# logged COMMAND...: its output is of interest only when it fails.
logged() {
  "$@" >>"$cache/build.log" 2>&1 && return 0
  tail -20 "$cache/build.log" >&2
  fail 1 "this failed: $*" "the whole output is in $cache/build.log"
}

build_rebuilt() {
  local version=$1 build="$cache/wolfssl" made
  # Made for this very processor: a cache folder shared among machines is no reason to run another's code.
  made="$version ${configure[*]} $optimise $(lscpu | sed -n 's/^Model name: *//p;s/^Flags: *//p' | cksum)"
  if [ -f "$build/made" ] && [ "$(cat "$build/made")" = "$made" ]; then return 0; fi
  say "building wolfSSL $version for speed"
  rm -rf "$build" "$cache/build.log"
  mkdir -p "$build"
  cd "$build"
  logged source_apt update
  source_apt source "wolfssl=$version" >>"$cache/build.log" 2>&1 ||
    fail 1 "no source of wolfSSL $version from this machine's mirrors; the output is in $cache/build.log" \
      "if that version was superseded: apt-get update, apt-get install libwolfssl-dev, then compare.sh again"
  mv wolfssl-*/ source
  cd source
  logged sh autogen.sh
  logged ./configure "${configure[@]}" CFLAGS="$optimise"
  logged make src/libwolfssl.la
  cd "$here"
  printf '%s\n' "$made" >"$build/made"
}

compile_programs() {
  local build="$cache/wolfssl/source"
  "${compile[@]}" "$here/wolfssl_rates.c" -o "$cache/rates-debian" -lwolfssl -lm -lpthread
  "${compile[@]}" -march=native -DLINKED_STATICALLY -I"$build" "$here/wolfssl_rates.c" -o "$cache/rates-rebuilt" \
    "$build/src/.libs/libwolfssl.a" -lm -lpthread
  # The rates mean nothing if the assembly was left out.
  local symbol symbols
  symbols="$(nm "$cache/rates-rebuilt")"
  for symbol in sp_1024_mul_avx2_16 sp_256_mont_mul_avx2_4; do
    grep -q " $symbol\$" <<<"$symbols" || fail 1 "the rebuilt wolfSSL lacks its assembly: no $symbol"
  done
  if ! grep -qw adx /proc/cpuinfo || ! grep -qw bmi2 /proc/cpuinfo; then
    say "this processor lacks BMI2 or ADX: wolfSSL falls back on its plainer assembly"
  fi
}

measure_ours() {
  (cd "$repository" && dotnet run -c Release --no-build --project bench/Watchword.Benchmarks -- rates --json --seconds "$seconds")
}

# values WHO FILE: a line "WHO:ROW:RATE" for each row of a benchmark's JSON.
values() {
  tr -d '[:space:]"' <"$2" | sed 's/.*rates:{//; s/}.*//' | tr ',' '\n' | sed "s/^/$1:/; \$a\\"
}

print_table() {
  local file who
  for who in debian rebuilt ours; do
    for file in "$results/$who".*.json; do values "$who" "$file"; done
  done | awk -F: '
    function rate(v) { return v == 0 ? "-" : sprintf(v < 10 ? "%.2f" : v < 100 ? "%.1f" : "%.0f", v) }
    function ratio(a, b) { return a == 0 || b == 0 ? "-" : sprintf("%.2f", a / b) }
    !($2 in seen) { seen[$2]; order[++rows] = $2 }
    $3 != "null" && $3 + 0 > best[$1, $2] { best[$1, $2] = $3 + 0 }
    END {
      print "| Row | Watchword /s | wolfSSL rebuilt /s | Ratio | wolfSSL Debian /s | Ratio |"
      print "|---|--:|--:|--:|--:|--:|"
      for (i = 1; i <= rows; i++) {
        row = order[i]; o = best["ours", row]; r = best["rebuilt", row]; d = best["debian", row]
        printf "| %s | %s | %s | %s | %s | %s |\n", row, rate(o), rate(r), ratio(o, r), rate(d), ratio(o, d)
      }
    }'
}

[ "$(uname -m)" = x86_64 ] || fail 3 "the rebuilt wolfSSL is configured for x86-64, and this machine is $(uname -m)"
command -v dotnet >/dev/null 2>&1 || fail 3 "the .NET 10 SDK is needed (global.json names the version)"
install_packages
version="$(dpkg-query -W -f '${source:Version}' libwolfssl-dev)"
build_rebuilt "$version"
compile_programs
if [ -z "$ours" ]; then
  say "building Watchword"
  dotnet build "$repository/bench/Watchword.Benchmarks" -c Release --nologo -v quiet >&2
fi

results="$cache/results"
rm -rf "$results"
mkdir -p "$results"
[ -z "$ours" ] || cp "$ours" "$results/ours.1.json"
# In turn, so that a slow minute of the machine does not fall on one of them alone.
for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds"
  "$cache/rates-debian" --json --seconds "$seconds" >"$results/debian.$round.json"
  "$cache/rates-rebuilt" --json --seconds "$seconds" >"$results/rebuilt.$round.json"
  [ -n "$ours" ] || measure_ours >"$results/ours.$round.json"
done
say "the single results are in $results"

printf '%s, %s cores; .NET SDK %s; wolfSSL %s (Debian), and the same rebuilt. Best of %s round(s), one thread.\n\n' \
  "$(lscpu | sed -n 's/^Model name: *//p' | head -1)" "$(nproc)" "$(cd "$repository" && dotnet --version)" "$version" "$rounds"
print_table
