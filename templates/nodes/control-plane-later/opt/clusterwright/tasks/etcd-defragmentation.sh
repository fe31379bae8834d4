#!/bin/bash
# Gives back the space that etcd does not use, once a day: member after member, the leader last, and only as long as all answer. Where etcd has run out of room and so takes no writes (its
# alarm NOSPACE), at once: then what the API server would have forgotten by now goes first, which it cannot do itself without a write, and etcd is told in the end that there is room again.
# shellcheck disable=SC2034 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

full() { etcdctl alarm list | grep --quiet NOSPACE; }
status() { etcdctl endpoint status --cluster --write-out json; }

if due etcd-defragmentation 82800; then task=etcd-defragmentation; elif ! full; then exit; fi
hold etcd-space
if [ -z "$task" ] && ! full; then release && exit; fi
status > "$work/status"
if full; then
  log "etcd has run out of room: $(jq --compact-output 'map({(.Endpoint): .Status.dbSize}) | add' "$work/status") bytes"
  etcdctl compact "$(jq 'map(.Status.header.revision) | max' "$work/status")" > /dev/null || log 'nothing was left to compact'
fi
members=$(jq --raw-output 'sort_by(.Status.header.member_id == .Status.leader)[].Endpoint' "$work/status")
for member in $members; do
  # etcdctl's own idea of health asks for room to write as well.
  for one in $members; do etcdctl_at "$one" get health > /dev/null; done
  etcdctl_at "$member" --command-timeout 60s defrag
done
if full; then
  etcdctl alarm disarm > /dev/null
  log "etcd has room again: $(status | jq --compact-output 'map({(.Endpoint): .Status.dbSize}) | add') bytes"
fi
release
