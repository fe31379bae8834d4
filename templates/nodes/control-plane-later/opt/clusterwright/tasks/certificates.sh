#!/bin/bash
# Renews the certificates of this control plane when one of them ends within 30 days, or `now`, and has its static pods take them: one node at a time.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

ends_soon() { certificate_ends | jq --exit-status --argjson soon "$(date --date '30 days' +%s)" 'any(.[]; fromdate < $soon)' > /dev/null; }
publish_ends() { certificate_ends | jq --raw-output 'to_entries[] | "clusterwright_certificate_expiry_timestamp_seconds{certificate=\"\(.key)\"} \(.value | fromdate)"' | metrics certificates; }
publish_ends

# An earlier run may have been cut off between renewal and restart.
if [ "${1-}" != now ] && ! ends_soon && [ ! -e "$state/renewing" ]; then exit; fi
# A restore has stopped the pods, and starts them itself.
if [ -e "$state/stopped" ]; then exit; fi
hold certificates
touch "$state/renewing"
if [ "${1-}" = now ] || ends_soon; then kubeadm certs renew all; fi
trust_all
publish_ends
restart_all true
rm "$state/renewing"
release
