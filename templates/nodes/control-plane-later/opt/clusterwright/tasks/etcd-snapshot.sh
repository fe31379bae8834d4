#!/bin/bash
# Saves etcd to the private object store, once an hour for the cluster, or `now`. Prints the key. The store checks what it is sent against a checksum, and drops what is older than
# the retention.
# shellcheck disable=SC2034,SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

if [ "${1-}" != now ]; then
  if ! due etcd-snapshot 3000; then exit; fi
  task=etcd-snapshot
fi
# One at a time on this machine.
exec 9> "$run/etcd-snapshot.lock"
flock 9
file=$root/var/lib/etcd/snapshot.db
packed=$state/snapshot.gz
leftovers=("$file" "$packed")

# plant: a word that nobody has known before, in a Secret, for a drill to find again. Each control plane has its own there, and so none is in the way of another that saves at the same time.
plant() {
  printf '%s %s' "$(date --utc +%FT%TZ)" "$(openssl rand -hex 16)" > "$work/canary"
  jq --null-input --arg node "$node" --rawfile word "$work/canary" '{apiVersion: "v1", kind: "Secret", metadata: {name: "clusterwright-canary", namespace: "kube-system"}, data: {($node): ($word | @base64)}}' |
    here apply --server-side --force-conflicts --field-manager "clusterwright-$node" --filename - > /dev/null
}

# What a drill has to find again is less than having a snapshot at all: while the API server is away, etcd is saved without it.
canary=null
if plant; then canary=$(jq --null-input --arg node "$node" --arg sha256 "$(sha256sum < "$work/canary" | cut -d ' ' -f 1)" '{node: $node, sha256: $sha256}'); fi

key=etcd/$(date --utc +%Y-%m-%dT%H-%M-%SZ)
etcdctl snapshot save /var/lib/etcd/snapshot.db > /dev/null
revision=$(in_etcd etcdutl --write-out json snapshot status /var/lib/etcd/snapshot.db | jq .revision)
objects=$(keys_at https://127.0.0.1:2379 /registry/ "$revision") || objects=null
gzip --stdout "$file" > "$packed"
content_type=application/gzip object_put "$key.db.gz" "$packed"
# The description comes last: a snapshot without one is not complete.
etcdctl member list --write-out json | jq --arg sha256 "$(sha256sum < "$packed" | cut -d ' ' -f 1)" --arg release "$(fact .kubernetesRelease)" --arg keys "$(encryption_keys)" \
  --argjson revision "$revision" --argjson objects "${objects:-null}" --argjson canary "$canary" \
  '{sha256: $sha256, kubernetes: $release, encryptionKeys: ($keys | split("\n")), revision: $revision, objects: $objects, canary: $canary, members: [.members[] | {name, peer: .peerURLs[0]}]}' > "$work/description"
object_put "$key.json" "$work/description"
log "saved $key.db.gz"
printf '"%s"\n' "$key"
printf 'clusterwright_etcd_snapshot_timestamp_seconds %s\n' "$(date +%s)" | metrics etcd-snapshot
