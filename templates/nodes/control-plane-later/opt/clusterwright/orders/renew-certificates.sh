#!/bin/bash
# Renews all certificates of this control plane, whenever they end, and with `access` what the provisioner and new nodes come in with. Prints when each ends then.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

# etcd does without one member, and that will be this one. Where an earlier run was cut off it is already.
if [ ! -e "$state/renewing" ] && ! etcdctl endpoint health --cluster > "$work/health" 2>&1; then
  cat "$work/health" >&2
  log 'not all members of etcd are well' && exit 1
fi
"$library/../tasks/certificates.sh" now >&2
until etcdctl endpoint health --cluster > /dev/null 2>&1; do sleep 2; done
if [ "${1-}" = access ]; then publish_all >&2; fi
publish_expiries
certificate_ends
