#!/bin/bash
# Modes and owners of what kubeadm, the packages and the network have written, as CIS Kubernetes 1.1 and 4.1 want them. What is not there is left out.
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

# modes MODE PATH...: for files that are there and are no links.
modes() {
  local mode=$1 file
  shift
  for file in "$@"; do
    if [ -e "$file" ] && [ ! -L "$file" ]; then
      chown root:root "$file"
      chmod "$mode" "$file"
    fi
  done
}

kubernetes=$root/etc/kubernetes
modes 0600 "$kubernetes"/manifests/*.yaml "$kubernetes"/*.conf "$kubernetes"/clusterwright/* "$root"/etc/cni/net.d/*
modes 0600 "$root"/usr/lib/systemd/system/kubelet.service "$root"/usr/lib/systemd/system/kubelet.service.d/*.conf "$root"/etc/systemd/system/kubelet.service.d/*.conf
modes 0600 "$root"/var/lib/kubelet/config.yaml "$root"/var/lib/kubelet/kubeadm-flags.env
modes 0600 "$kubernetes"/pki/*.key "$kubernetes"/pki/etcd/*.key
modes 0644 "$kubernetes"/pki/*.crt "$kubernetes"/pki/*.pub "$kubernetes"/pki/etcd/*.crt
modes 0700 "$root/var/lib/etcd" "$root/var/log/kubernetes/audit"
if [ -d "$kubernetes/pki" ]; then chown --recursive root:root "$kubernetes/pki"; fi
