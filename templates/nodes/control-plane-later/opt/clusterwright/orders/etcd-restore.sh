#!/bin/bash
# Takes etcd back to a snapshot. ID tells one restore from another. Each step on all control planes before the next, `start` on all at the same time: it waits for a majority of etcd.
#   etcd-restore.sh list             the snapshots, the newest last
#   etcd-restore.sh prepare KEY ID   makes the data of a snapshot, beside those of today; nothing is stopped
#   etcd-restore.sh stop             ends etcd, the API server and all that writes
#   etcd-restore.sh start [ID]       puts what was prepared in place, once, and moves the data until now aside; then starts what was stopped. Without ID: with the data that are there
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

prepare() {
  local key=${1%.db.gz} prepared=$data/restored-$2 peers own
  if [ -d "$prepared" ]; then return; fi
  describe_snapshot "$key"
  own=$(jq --raw-output --arg node "$node" '.members[] | select(.name == $node) | .peer' "$work/description")
  if [ -z "$own" ]; then refuse "$key names other members of etcd than $node"; fi
  peers=$(jq --raw-output '[.members[] | "\(.name)=\(.peer)"] | join(",")' "$work/description")
  rm -rf "$data"/restored-*
  restore_data "$key" "$(image etcd)" "$2" "$own" "$peers" "$data"
  mv "$data/restoring" "$prepared"
}

stop() {
  touch "$state/stopped"
  stop_pod kube-apiserver kube-controller-manager kube-scheduler
  stop_pod etcd
}

# place ID: what was prepared as ID stays behind empty, and so is put in place once.
place() {
  local prepared=$data/restored-$1
  if [ ! -d "$prepared" ]; then refuse "nothing is prepared as $1"; fi
  if [ ! -e "$prepared/member" ]; then return; fi
  if [ -n "$(container etcd)" ]; then refuse 'etcd runs: stop it first, on all control planes'; fi
  if [ -e "$data/member" ]; then
    rm -rf "$data"/member-before-*
    mv "$data/member" "$data/member-before-$(date --utc +%Y-%m-%dT%H-%M-%SZ)"
  fi
  mv "$prepared/member" "$data/member"
}

start() {
  if [ -n "${1-}" ]; then place "$1"; fi
  start_pod etcd
  # A read that takes a majority. etcdctl's own idea of health asks for room to write as well.
  until etcdctl get health > /dev/null 2>&1; do sleep 2; done
  start_pod kube-apiserver kube-controller-manager kube-scheduler
  until ready; do sleep 2; done
  systemctl restart kubelet
  rm -f "$state/stopped"
  if [ -z "${1-}" ]; then return; fi
  # The tokens of joining nodes that were made since are not in the snapshot: `publish` is due again.
  if claim_read access && [ -n "$claim" ]; then claim_write access free 0 || [ $? -eq "$lost" ]; fi
  systemctl start --no-block clusterwright-task@publish.service
}

case ${1-} in
  list) object_list etcd/ | sed -n 's/\.json$//p' ;;
  prepare) prepare "$2" "$3" ;;
  stop) stop ;;
  start) start "${2-}" ;;
  *) refuse 'list | prepare KEY ID | stop | start [ID]' ;;
esac
