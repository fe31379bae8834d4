#!/bin/bash
# Gives etcd's contents a new key, while the cluster runs. The other control planes follow the secret store within ten minutes, hence the waits.
# shellcheck disable=SC2154 source=lib/task.sh
. "$(dirname "$(readlink -f "$0")")/lib/task.sh"

# write KEY…: what all control planes have from then on.
write() {
  printf '%s\n' "$@" | secret_put "$encryption_key"
  encryption_configuration
  sleep "${CLUSTERWRIGHT_FOLLOW_SECONDS:-900}"
}

hold encryption-key
old=$(secret_get "$encryption_key")
new="key$(date +%s):$(openssl rand -base64 32)"
# First all read the new key, then all write with it; then everything is written anew, and the old one can go.
write "$old" "$new"
write "$new" "$old"
admin get secrets --all-namespaces --output json | admin replace --filename - > /dev/null
write "$new"
release
