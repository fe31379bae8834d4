#!/bin/sh
# What a cloud controller does for nodes to be used, as far as it can be known without the cloud: takes away the taint that new nodes have, and writes zone
# and region where the provider id says them.
set -eu

taint=node.cloudprovider.kubernetes.io/uninitialized

once() {
  # shellcheck disable=SC2016 # the variable is the template's
  kubectl get nodes --output go-template='{{ range .items }}{{ $node := . }}{{ range .spec.taints }}{{ if eq .key "'$taint'" }}{{ $node.metadata.name }}|{{ $node.spec.providerID }}{{ "\n" }}{{ end }}{{ end }}{{ end }}' | sort -u | while IFS='|' read -r name id; do
    # aws:///eu-west-1a/i-0123: the region is the zone without its letter.
    case $id in
      aws:///*) zone=${id#aws:///} zone=${zone%%/*}; kubectl label node "$name" --overwrite "topology.kubernetes.io/zone=$zone" "topology.kubernetes.io/region=${zone%?}" ;;
    esac
    # Another control plane may have been first.
    kubectl taint node "$name" "$taint-" || [ -z "$(kubectl get node "$name" --output jsonpath="{.spec.taints[?(@.key==\"$taint\")].key}")" ]
  done
}

if [ "${1:-}" = once ]; then once; exit; fi
while true; do
  sh "$0" once || echo 'this round failed, the next comes in 2 s' >&2
  sleep 2
done
