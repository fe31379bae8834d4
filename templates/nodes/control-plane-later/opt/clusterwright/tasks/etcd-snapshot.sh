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

key=etcd/$(date --utc +%Y-%m-%dT%H-%M-%SZ)
etcdctl snapshot save /var/lib/etcd/snapshot.db > /dev/null
in_etcd etcdutl snapshot status /var/lib/etcd/snapshot.db > /dev/null
gzip --stdout "$file" > "$packed"
content_type=application/gzip object_put "$key.db.gz" "$packed"
# The description comes last: a snapshot without one is not complete.
etcdctl member list --write-out json | jq --arg sha256 "$(sha256sum < "$packed" | cut -d ' ' -f 1)" --arg release "$(fact .kubernetesRelease)" --arg keys "$(encryption_keys)" \
  '{sha256: $sha256, kubernetes: $release, encryptionKeys: ($keys | split("\n")), members: [.members[] | {name, peer: .peerURLs[0]}]}' > "$work/description"
object_put "$key.json" "$work/description"
log "saved $key.db.gz"
printf '"%s"\n' "$key"
printf 'clusterwright_etcd_snapshot_timestamp_seconds %s\n' "$(date +%s)" | metrics etcd-snapshot
