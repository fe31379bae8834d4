# shellcheck shell=bash disable=SC2034,SC2154
# Snapshots of etcd in the private object store, and data made of them. Read by task.sh and restoring.sh.
data=$root/var/lib/etcd
revision_jump=1000000000

# encryption_keys: the names of the keys that the API server reads what etcd holds with, one a line.
encryption_keys() { sed -n 's/.*{name: \([^,}]*\),.*/\1/p' "$root/etc/kubernetes/clusterwright/encryption.yaml"; }

# describe_snapshot KEY: puts what is said of a snapshot into $work/description. One that a key is missing for is refused.
describe_snapshot() {
  local name
  object_get "$1.json" "$work/description"
  for name in $(jq --raw-output '.encryptionKeys // [] | .[]' "$work/description"); do
    if ! encryption_keys | grep --quiet --line-regexp "$name"; then
      log "$1 was written with $name, a key of etcd's contents that is no longer in use"
      return 1
    fi
  done
}

# restore_data KEY IMAGE ID OWN PEERS INTO: makes INTO/restoring of the snapshot that was described last, for this node at the URL OWN among PEERS (NAME=URL,…), by the program in etcd's image.
restore_data() {
  local key=$1 image=$2 id=$3 own=$4 peers=$5 into=$6 inside=${6#"$root"} sha256
  sha256=$(jq --raw-output .sha256 "$work/description")
  # Snapshots are too large for /run.
  local work=$state/restore-${into##*/}
  rm -rf "$work" "$into/restoring" "$into/restoring.db"
  mkdir "$work"
  object_get "$key.db.gz" "$work/snapshot.gz"
  printf '%s  %s\n' "$sha256" "$work/snapshot.gz" | sha256sum --check --quiet
  gunzip --stdout "$work/snapshot.gz" > "$into/restoring.db"
  rm -r "$work"
  # The revision jumps ahead, so that nobody who has watched before takes old things for new ones.
  ctr --namespace k8s.io run --rm --mount "type=bind,src=$into,dst=$inside,options=rbind:rw" "$image" "${into##*/}-restore-$$" etcdutl snapshot restore "$inside/restoring.db" \
    --name "$node" --initial-cluster "$peers" --initial-cluster-token "$id" --initial-advertise-peer-urls "$own" --bump-revision "$revision_jump" --mark-compacted --data-dir "$inside/restoring" >&2
  rm "$into/restoring.db"
}
