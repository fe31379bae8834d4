# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# How nodes meet: what each tells about itself, claims that one of them holds at a time, and the secrets that they share. The names are those of
# model/rendezvous.ts; docs/nodes.md has them in one table.
library=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$library/common.sh"
# shellcheck source=/dev/null
. "$library/cloud.sh"

# A holder renews its claim every `beat` seconds. Who sees a claim unchanged for `stale` seconds may take it over.
beat=${CLUSTERWRIGHT_BEAT_SECONDS:-10}
stale=${CLUSTERWRIGHT_STALE_SECONDS:-90}

# What makes this node's claims its own: its disk. A machine that replaces it has another, though it may have its name.
if [ ! -s "$state/token" ]; then openssl rand -hex 16 > "$state/token"; fi
token=$(cat "$state/token")

# Without tokens: those of kubeadm and whatever stands in a PEM block.
without_secrets() { sed -E 's/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/[token]/g; /-----BEGIN .*KEY-----/,/-----END .*KEY-----/d'; }

# step NAME [MESSAGE]: publishes how far this node is. That nobody can be told is no reason to stop.
step() {
  log "step $1${2:+: $2}"
  if [ -z "${node-}" ]; then return; fi
  jq --null-input --arg node "$node" --arg step "$1" --arg at "$(date --utc +%FT%TZ)" --arg message "${2-}" --slurpfile facts "$root/etc/clusterwright/node.json" \
    '{node: $node, role: $facts[0].role, pool: $facts[0].pool, index: $facts[0].index, step: $step, at: $at, message: (if $message == "" then null else $message end)}' > "$work/step"
  object_put "rendezvous/nodes/$node.json" "$work/step" || log "step $1 could not be published"
}

# claim_read NAME: sets `claim` (JSON, or empty), `etag`, `holder` (its token) and for how many seconds it has been seen `unchanged`.
claim_read() {
  local code=0
  object_get "rendezvous/claims/$1.json" "$work/claim" || code=$?
  case $code in
    0) claim=$(cat "$work/claim") && holder=$(jq --raw-output .token <<< "$claim") ;;
    "$absent") claim='' etag='' holder='' ;;
    *) return "$code" ;;
  esac
  if [ "$1 $etag" != "${seen-}" ]; then seen="$1 $etag" seen_at=$SECONDS; fi
  unchanged=$((SECONDS - seen_at))
}

# claim_state: what the claim that was read last stands at.
claim_state() { jq --raw-output .state <<< "$claim"; }

# claim_write NAME STATE [UNTIL [AUTHORITY]]: makes the claim this node's, unless it has changed since it was read; then `lost`. An answer that was lost
# shows at the next reading: the claim has this node's token.
claim_write() {
  jq --null-input --arg holder "$node" --arg token "$token" --arg state "$2" --arg at "$(date --utc +%FT%T.%3NZ)" --argjson until "${3:-null}" --arg authority "${4-}" \
    '{holder: $holder, token: $token, state: $state, at: $at, until: $until, authority: (if $authority == "" then null else $authority end)}' > "$work/claim-new"
  if [ -z "$etag" ]; then object_put_if_absent "rendezvous/claims/$1.json" "$work/claim-new"; else object_put_if_match "rendezvous/claims/$1.json" "$work/claim-new" "$etag"; fi
}

# start_beating NAME: renews a claim that this node holds, in the background, and ends the script when it is lost or could not be renewed in time.
start_beating() {
  holding=$1
  (
    trap - EXIT TERM
    work=$(mktemp -d "$work/beat-XXXXXX")
    renewed=$SECONDS
    while sleep "$beat" && kill -0 $$ 2> /dev/null; do
      if claim_read "$1" && [ "$holder" = "$token" ] && [ "$(claim_state)" = held ] && claim_write "$1" held; then renewed=$SECONDS && continue; fi
      if { [ -n "$claim" ] && [ "$holder" != "$token" ]; } || [ $((SECONDS - renewed)) -ge $((stale / 2)) ]; then
        log "the claim $1 is lost"
        kill -TERM $$
        return
      fi
    done
  ) < /dev/null &
  beating=$!
}

stop_beating() {
  if [ -n "${beating-}" ]; then kill "$beating" 2> /dev/null || true; wait "$beating" 2> /dev/null || true; fi
  beating=''
}

# until_next_look: between two looks at a claim that another control plane has. They are few, and what one waits for the others wait for in turn: a second or two, never as long as
# another node takes.
until_next_look() { sleep "$((beat / 10)).$((RANDOM % 900 + 100))"; }

# hold NAME: waits until this node holds a claim, and keeps it; one that is stale is taken over.
hold() {
  while true; do
    if claim_read "$1"; then
      if [ -z "$claim" ] || [ "$(claim_state)" = free ] || [ "$holder" = "$token" ] || [ "$unchanged" -ge "$stale" ]; then
        if claim_write "$1" held; then break; fi
      fi
    fi
    until_next_look
  done
  start_beating "$1"
}

# release: gives back the claim that is kept, if there is one.
release() {
  stop_beating
  if [ -n "${holding-}" ] && claim_read "$holding" && [ "$holder" = "$token" ] && [ "$(claim_state)" = held ]; then claim_write "$holding" free || true; fi
  holding=''
}

# due NAME SECONDS: whether it is time for a task of the cluster, for this node alone; then it is not for that long. `not_done NAME` takes it back.
due() {
  claim_read "$1" || return
  if [ -n "$claim" ] && [ "$(jq '.until // 0' <<< "$claim")" -gt "$(date +%s)" ]; then return 1; fi
  claim_write "$1" held $(($(date +%s) + $2))
}
not_done() { claim_read "$1" && [ "$holder" = "$token" ] && claim_write "$1" free 0; }

# fingerprint FILE: SHA-256 of a certificate, in hex.
fingerprint() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }
