#!/usr/bin/env bash
# Builds everything and passes the tests, with all the set-up that they need.
#   ./test.sh              everything
#   ./test.sh PROJECT...   only these, such as Watchword.Mikey.Tests
# Ends with a line "N passed, N failed"; exits with 0 only if nothing failed and something ran.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '== %s\n' "$*"; }

# Real peers that tests start themselves: command, Debian package.
needs=(
  xmllint:libxml2-utils xmlsec1:xmlsec1 sipp:sip-tester socat:socat qrencode:qrencode zbarimg:zbar-tools softhsm2-util:softhsm2
  systemd-analyze:systemd curl:curl node:nodejs npm:npm tshark:tshark
)
# Debian keeps the programs of the server out of PATH.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || needs+=(initdb:postgresql)
# A library has no command: the linker's cache says whether it is there.
/sbin/ldconfig -p 2>/dev/null | grep -F 'libsrtp2.so.1 ' >/dev/null || needs+=(libsrtp2.so.1:libsrtp2-1)

install_packages() {
  local missing=() entry
  for entry in "${needs[@]}"; do
    command -v "${entry%%:*}" >/dev/null 2>&1 || missing+=("${entry##*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    # Only where it needs no password: a test run must not stop at a prompt.
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo=(sudo -n); fi
  fi
  if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" -eq 0 ] || [ ${#sudo[@]} -gt 0 ]; }; then
    say "installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    return 0
  fi
  printf 'error: the tests need these Debian packages, and this user may not install them: %s\n' "${missing[*]}" >&2
  printf 'hint: run "apt-get install %s" as root, then ./test.sh again\n' "${missing[*]}" >&2
  exit 3
}

command -v dotnet >/dev/null 2>&1 || { echo "error: the .NET 10 SDK is needed (global.json names the version)" >&2; exit 3; }
install_packages

# Node.js 18, which Debian 12 has, keeps the Web Crypto of the OpenID Connect client behind a switch.
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then export NODE_OPTIONS=--experimental-global-webcrypto; fi

say "restoring the certified OpenID Connect client (npm)"
(cd tests/Watchword.Idm.Server.Tests/openid-client && npm ci --no-audit --no-fund --silent)

say "building"
dotnet build Watchword.slnx -c Release --nologo -v quiet

projects=("$@")
if [ ${#projects[@]} -eq 0 ]; then
  for folder in tests/Watchword.*.Tests; do projects+=("$(basename "$folder")"); done
fi

passed=0 failed=0 skipped=0 broken=()

# run PROJECT [VARIABLE=VALUE...]: its tests, with these variables in their environment
run() {
  local project=$1 log p f s broke=
  shift
  say "$project${*:+ ($*)}"
  log=$(mktemp)
  env "$@" dotnet test --project "tests/$project" -c Release --no-build --no-ansi --no-progress >"$log" 2>&1 || broke=yes
  # The runner closes with "succeeded: N", "failed: N", "skipped: N"; the rest is of interest only when something went wrong.
  p=$(sed -n 's/^ *succeeded: *\([0-9]*\).*/\1/p' "$log" | tail -1) f=$(sed -n 's/^ *failed: *\([0-9]*\).*/\1/p' "$log" | tail -1)
  s=$(sed -n 's/^ *skipped: *\([0-9]*\).*/\1/p' "$log" | tail -1)
  printf '   %s passed, %s failed, %s skipped\n' "${p:-0}" "${f:-0}" "${s:-0}"
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  # A project whose tests cannot be counted has not passed.
  [ "${p:-0}" -gt 0 ] || broke=yes
  if [ -n "$broke" ]; then
    broken+=("$project${*:+ ($*)}")
    cat "$log"
    [ "${f:-0}" -gt 0 ] || failed=$((failed + 1))
  fi
  rm -f "$log"
}

for project in "${projects[@]}"; do
  run "$project"
  # The arithmetic has two paths; the processor here may never take the second by itself.
  [ "$project" != Watchword.Cryptography.Tests ] || run "$project" WATCHWORD_ARITHMETIC=portable
done

[ ${#broken[@]} -eq 0 ] || printf 'failed in: %s\n' "${broken[*]}"
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
