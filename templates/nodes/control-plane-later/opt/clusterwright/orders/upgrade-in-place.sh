#!/bin/bash
# upgrade-in-place.sh MINOR RELEASE: brings this control plane to that release of Kubernetes where it is: kubeadm, then etcd and the control plane's pods, then the kubelet. Its node is drained and the load balancers lead
# here no longer. The first one of the cluster makes it one of the release. Where it is cut off it is begun again, and goes on with what is not of the release yet.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"
# shellcheck source=../lib/baseline.sh
. "$library/baseline.sh"
minor=$1 wanted=$2

# known: the release that the cluster is in by kubeadm's word.
known() { admin get configmap kubeadm-config --namespace kube-system --output json | jq --raw-output .data.ClusterConfiguration | sed --quiet 's/^kubernetesVersion: v//p'; }

cluster=$(known)
if [ "$(printf '%s\n' "$wanted" "$cluster" | sort --version-sort | tail -n 1)" != "$wanted" ]; then refuse "the cluster is in $cluster: there is no way back to $wanted"; fi
spare_member upgrading
# One control plane at a time, and not while one takes new certificates.
hold certificates
touch "$state/upgrading"
# What was connected through the load balancers has fifteen seconds to end.
sleep "${CLUSTERWRIGHT_DRAIN_SECONDS:-20}"
"$library/../upgrade.sh" kubeadm "$minor" "$wanted" >&2

# DNS follows when the last control plane is new, and the platform brings kube-proxy. The pod that kubeadm would try out has fifteen seconds for its image; whether nodes are well the service has looked.
options=(--patches /etc/kubernetes/patches --skip-phases addon --ignore-preflight-errors CreateJob)
claim_read initialiser
signer=$(jq --raw-output '.authority // empty' <<< "${claim:-null}")
leftovers+=("$signing_patch")
before_kubeadm "${signer%% *}"
if [ "$cluster" = "$wanted" ]; then kubeadm upgrade node "${options[@]}" >&2; else kubeadm upgrade apply "v$wanted" --yes "${options[@]}" >&2; fi
after_kubeadm

"$library/../upgrade.sh" kubelet >&2
until ready; do sleep 2; done
until etcdctl endpoint health --cluster > /dev/null 2>&1; do sleep 2; done
record_anew /etc/kubernetes/manifests/{etcd,kube-{apiserver,controller-manager,scheduler}}.yaml /var/lib/kubelet/{config.yaml,kubeadm-flags.env}
rm "$state/upgrading"
release
publish_expiries
