# shellcheck shell=bash disable=SC2034
# What the node's scripts share: its facts, a private scratch folder, and requests that keep secrets out of process arguments.
# CLUSTERWRIGHT_ROOT puts everything below another root.
set -euo pipefail
umask 077

root=${CLUSTERWRIGHT_ROOT-}
state=$root/var/lib/clusterwright # survives a reboot
run=$root/run/clusterwright       # does not
pki=$root/etc/kubernetes/pki
mkdir -p "$state" "$run"
work=$(mktemp -d "$run/XXXXXX")
trap 'rm -rf "$work"' EXIT

# What the functions of the rendezvous answer beside success and failure: there is no such thing, and: another was faster.
readonly absent=44 lost=49

log() { printf '%s\n' "$*" >&2; }

# fact FILTER: a value of /etc/clusterwright/node.json; empty for null.
fact() { jq --raw-output "$1 // empty" "$root/etc/clusterwright/node.json"; }

# endpoint NAME DEFAULT: where a service of the cloud answers. An image for another place says so in image.d/endpoints, in lines NAME=URL.
endpoint() {
  local found
  found=$(sed -n "s/^$1=//p" "$root/etc/clusterwright/image.d/endpoints" 2> /dev/null) || true
  printf '%s' "${found:-$2}"
}

# back_off ATTEMPT: waits longer from one attempt to the next, and never as long as another node does.
back_off() {
  local most=$((2 ** $1 > 16 ? 16 : 2 ** $1))
  sleep "$((RANDOM % most)).$((RANDOM % 900 + 100))"
}

# request METHOD URL [FILE]: sends FILE as body. Headers and credentials come on stdin, in the form of curl's configuration, so that no process
# argument shows them. Sets `status`; the answer is in $work/body, its headers in $work/headers. What may pass is tried again: no answer,
# throttling, a server's error.
request() {
  local method=$1 url=$2 file=${3-} attempt config
  config=$(cat)
  if [ -n "$file" ]; then
    if [ "$method" = POST ]; then config+=$'\n'"data-binary = \"@$file\""; else config+=$'\n'"upload-file = \"$file\""; fi
  fi
  for attempt in 1 2 3 4 5 6; do
    status=$(printf '%s\n' "$config" | curl --config - --silent --show-error --connect-timeout 5 --speed-limit 1 --speed-time 30 --request "$method" --url "$url" \
      --output "$work/body" --dump-header "$work/headers" --write-out '%{http_code}' 2> "$work/curl-error") || status=000
    case $status in
      000 | 408 | 429 | 5??) ;;
      400) grep -q Throttling "$work/body" || return 0 ;;
      *) return 0 ;;
    esac
    if [ "$attempt" -lt 6 ]; then back_off "$attempt"; fi
  done
  log "no answer from ${url%%\?*}: $status $(head -c 200 "$work/curl-error")"
  return 1
}

# refused WHAT: fails with the words of the service that refused. Functions say `|| return` because bash ignores `set -e` in one whose result is asked for.
refused() {
  log "$1: $status $(head -c 400 "$work/body" 2> /dev/null | tr -d '\r\n')"
  return 1
}

# expect STATUS WHAT: refuses any other answer.
expect() { if [ "$status" != "$1" ]; then refused "$2"; fi; }

# header NAME: of the last answer.
header() { sed -n "s/^$1: *//Ip" "$work/headers" | tr -d '\r' | tail -n 1; }

# fill TEMPLATE TARGET NAME…: a copy in which ${NAME} is the value of that variable. The copy may hold secrets.
fill() {
  local text target=$2 name
  text=$(cat "$1")
  shift 2
  for name; do text=${text//"\${$name}"/"${!name}"}; done
  printf '%s\n' "$text" > "$target"
}
