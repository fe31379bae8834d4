#!/bin/sh
# What a cloud controller does for nodes to be used, as far as it can be known without the cloud: takes away the taint that new nodes have, and writes zone
# and region where the provider id says them. It follows the nodes; with "once" it takes one look.
set -eu

taint=node.cloudprovider.kubernetes.io/uninitialized
fields='{.metadata.name}|{.spec.providerID}|{.spec.taints[?(@.key=="'$taint'")].key}{"\n"}'

# initialise NAME ID
initialise() {
  # aws:///eu-west-1a/i-0123: the region is the zone without its letter.
  case $2 in
    aws:///*) zone=${2#aws:///} zone=${zone%%/*}; kubectl label node "$1" --overwrite "topology.kubernetes.io/zone=$zone" "topology.kubernetes.io/region=${zone%?}" ;;
  esac
  # A kubelet that has just begun refuses containers until it knows the services, and tries again after ten seconds or more, or when the pod changes.
  (sleep 2; kubectl annotate pods --namespace "$NAMESPACE" --selector clusterwright.io/stand-in --field-selector "spec.nodeName=$1" --overwrite clusterwright.io/initialised=true) &
  # Another control plane may have been first.
  kubectl taint node "$1" "$taint-" || [ -z "$(kubectl get node "$1" --output jsonpath="{.spec.taints[?(@.key==\"$taint\")].key}")" ]
}

# initialise_all: those of the lines NAME|ID|TAINT that have the taint. One that fails comes again with its next change.
initialise_all() {
  while IFS='|' read -r name id found; do
    if [ -n "$found" ]; then initialise "$name" "$id" || echo "$name could not be initialised yet" >&2; fi
  done
}

case ${1:-} in
  once) kubectl get nodes --output jsonpath="{range .items[*]}$fields{end}" | initialise_all ;;
  # The watch begins with all nodes that there are, and the API server ends it now and then.
  *) while true; do kubectl get nodes --watch --output jsonpath="$fields" | initialise_all || true; sleep 2; done ;;
esac
