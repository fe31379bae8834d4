#!/bin/bash
# Renews the certificates of this control plane when one of them ends within 30 days, and has its static pods take them: one node at a time, etcd first.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

names='apiserver apiserver-etcd-client apiserver-kubelet-client front-proxy-client etcd/server etcd/peer etcd/healthcheck-client'
ends_soon() {
  local name
  for name in $names; do
    if ! openssl x509 -in "$pki/$name.crt" -noout -checkend 2592000 > /dev/null; then return 0; fi
  done
  return 1
}
publish_ends() {
  local name
  for name in $names; do
    printf 'clusterwright_certificate_expiry_timestamp_seconds{certificate="%s"} %s\n' "$name" "$(date --date "$(openssl x509 -in "$pki/$name.crt" -noout -enddate | cut -d = -f 2)" +%s)"
  done | metrics certificates
}
publish_ends

# An earlier run may have been cut off between renewal and restart.
if ! ends_soon && [ ! -e "$state/renewing" ]; then exit; fi
hold certificates
touch "$state/renewing"
if ends_soon; then kubeadm certs renew all; fi
publish_ends
for pod in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  stop_pod "$pod"
  start_pod "$pod"
done
until ready; do sleep 2; done
rm "$state/renewing"
release
