#!/bin/bash
# Brings the cluster's DNS to the release that goes with the kubeadm of this node; how it is configured, and how many there are, stays.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"
# shellcheck disable=SC2034 # read by their names
NODE_NAME=$node NODE_ADDRESS=$(node_address) PROVIDER_ID=$(provider_id)
fill "$root/etc/clusterwright/kubeadm/init.yaml" "$work/init.yaml" NODE_NAME NODE_ADDRESS PROVIDER_ID
kubeadm init phase addon coredns --config "$work/init.yaml" >&2
