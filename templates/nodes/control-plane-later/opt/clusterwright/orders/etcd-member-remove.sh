#!/bin/bash
# etcd-member-remove.sh NODE: takes the member of another control plane, whose machine is about to be ended, out of etcd. First leadership moves away from it, and the others all have to be healthy. A member that has
# gone already is none to remove.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"
leaving=$1
if [ "$leaving" = "$node" ]; then
  log 'a control plane does not remove itself'
  exit 1
fi

# Lines `ID, started, NAME, PEERS, CLIENTS, LEARNER`.
members=$(etcdctl member list)
id=$(awk -F ', ' -v name="$leaving" '$3 == name { print $1 }' <<< "$members")
if [ -z "$id" ]; then exit; fi
url=$(awk -F ', ' -v name="$leaving" '$3 == name { print $5 }' <<< "$members")
others=$(awk -F ', ' -v name="$leaving" '$3 != name { print $5 }' <<< "$members" | paste --serial --delimiters ',')

# The load balancers do not lead there any more, and what was connected through them has fifteen seconds to end.
sleep "${CLUSTERWRIGHT_DRAIN_SECONDS:-20}"
etcdctl_at "$others" endpoint health >&2
# The fields are decimal, as the ids in the list are not.
status=$(etcdctl endpoint status --write-out fields)
field() { sed --quiet "s/^\"$1\" : //p" <<< "$status"; }
if [ "$(field Leader)" = "$(printf '%u' "0x$id")" ]; then etcdctl_at "$url" move-leader "$(printf '%x' "$(field MemberID)")" >&2; fi
etcdctl member remove "$id" >&2
