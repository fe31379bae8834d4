#!/bin/bash
# Takes etcd back to a snapshot. On one control plane: `list`. Then, each on all control planes before the next:
#   etcd-restore.sh stop             ends etcd, the API server and all that writes
#   etcd-restore.sh restore KEY      puts the snapshot in place; the data until now are moved aside
#   etcd-restore.sh start-etcd       etcd comes back, with the members of the snapshot
#   etcd-restore.sh start            and the others
# shellcheck disable=SC2154 source=lib/task.sh
. "$(dirname "$(readlink -f "$0")")/lib/task.sh"
# Snapshots are too large for /run.
rm -rf "$work"
work=$(mktemp -d "$state/restore-XXXXXX")
data=$root/var/lib/etcd

restore() {
  local key=${1%.db.gz} image peers own
  object_get "$key.json" "$work/description"
  object_get "$key.db.gz" "$work/snapshot.gz"
  printf '%s  %s\n' "$(jq --raw-output .sha256 "$work/description")" "$work/snapshot.gz" | sha256sum --check --quiet
  if [ -n "$(container etcd)" ]; then log 'etcd runs: stop it first, on all control planes' && exit 1; fi
  gunzip --stdout "$work/snapshot.gz" > "$data/snapshot.db"
  if [ -e "$data/member" ]; then mv "$data/member" "$data/member-before-$(date --utc +%Y-%m-%dT%H-%M-%SZ)"; fi
  rm -rf "$data/restored"
  image=$(sed -n 's/^ *image: *//p' "$aside/etcd.yaml" | head -n 1)
  peers=$(jq --raw-output '[.members[] | "\(.name)=\(.peer)"] | join(",")' "$work/description")
  own=$(jq --raw-output --arg node "$node" '.members[] | select(.name == $node) | .peer' "$work/description")
  # The revision jumps ahead, so that nobody who has watched before takes old things for new ones.
  ctr --namespace k8s.io run --rm --mount "type=bind,src=$data,dst=/var/lib/etcd,options=rbind:rw" "$image" "restore-$$" etcdutl snapshot restore /var/lib/etcd/snapshot.db \
    --name "$node" --initial-cluster "$peers" --initial-cluster-token "$key" --initial-advertise-peer-urls "$own" --bump-revision 1000000000 --mark-compacted --data-dir /var/lib/etcd/restored
  mv "$data/restored/member" "$data/member"
  rm -rf "$data/restored" "$data/snapshot.db"
}

case ${1-} in
  list) object_list etcd/ | sed -n 's/\.json$//p' ;;
  stop) for pod in kube-apiserver kube-controller-manager kube-scheduler etcd; do stop_pod "$pod"; done ;;
  restore) restore "$2" ;;
  start-etcd) start_pod etcd && until etcdctl endpoint health; do sleep 2; done ;;
  start)
    for pod in kube-apiserver kube-controller-manager kube-scheduler; do start_pod "$pod"; done
    until ready; do sleep 2; done
    systemctl restart kubelet
    ;;
  *) log 'list | stop | restore KEY | start-etcd | start' && exit 2 ;;
esac
