#!/bin/bash
# Gives back the space that etcd does not use, once a day: member after member, the leader last, and only as long as all are healthy.
# shellcheck disable=SC2034 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

if ! due etcd-defragmentation 82800; then exit; fi
task=etcd-defragmentation
members=$(etcdctl endpoint status --cluster --write-out json | jq --raw-output 'sort_by(.Status.header.member_id == .Status.leader)[].Endpoint')
for member in $members; do
  etcdctl endpoint health --cluster > /dev/null
  etcdctl --endpoints "$member" --command-timeout 60s defrag
done
