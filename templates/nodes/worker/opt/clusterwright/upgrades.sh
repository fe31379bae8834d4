#!/bin/bash
# Looks whether the service wants this worker to go to another release of Kubernetes where it is, and brings it there. A worker has no orders, and no rights in the cloud's store for any: what is wanted, and what comes of
# it, stands on its own Node, which the kubelet's credential reads and writes. The names are those of model/in-place.ts.
# shellcheck disable=SC2031,SC2154 source=lib/rendezvous.sh
. "$(dirname "$(readlink -f "$0")")/lib/rendezvous.sh"
node=$(node_name)
most_seconds=3600

# api METHOD PATH [FILE]: asks the API server as the kubelet of this machine. The answer is in $work/body.
api() {
  request "$1" "https://$(fact .endpoint):$(fact .port)$2" "${3-}" < <(
    printf 'noproxy = "*"\ncacert = "%s"\ncert = "%s"\nheader = "content-type: application/merge-patch+json"\n' "$pki/ca.crt" "$root/var/lib/kubelet/pki/kubelet-client-current.pem"
  ) || return
  expect 200 "$1 $2"
}

# say NAME WORDS: as an annotation of the Node.
say() {
  jq --null-input --arg name "clusterwright.io/upgrade-$1" --arg words "$2" '{metadata: {annotations: {($name): $words}}}' > "$work/said"
  api PATCH "/api/v1/nodes/$node" "$work/said"
}

# wanted: the release that this worker is to go to, by the Node that was read; nothing where it is there, or has failed and nobody has taken notice yet.
wanted() {
  jq --raw-output '(.metadata.annotations // {}) as $says | $says["clusterwright.io/upgrade-in-place"] // empty | select($says["clusterwright.io/upgrade-failed"] == null)' "$work/body"
}

# look: one look at the Node.
look() {
  local release known code=0
  api GET "/api/v1/nodes/$node" || return
  release=$(wanted)
  if [ -z "$release" ] || [ "$(jq --raw-output .status.nodeInfo.kubeletVersion "$work/body")" = "v$release" ]; then return; fi
  say begun "$release" || return
  # Whoever may change Nodes need not be who may choose the cluster's release.
  api GET /api/v1/namespaces/kube-system/configmaps/kubeadm-config || return
  known=$(jq --raw-output .data.ClusterConfiguration "$work/body" | sed --quiet 's/^kubernetesVersion: v//p')
  if [ "$release" != "$known" ]; then
    say failed "the cluster is in $known, and a worker goes to no other release"
    return
  fi
  log "upgrade to $release"
  timeout "$most_seconds" "$library/../upgrade-worker.sh" "$release" > "$work/log" 2>&1 || code=$?
  without_secrets < "$work/log" | tee "$work/words" >&2
  if [ "$code" -ne 0 ]; then say failed "$({ grep -v '^\s*$' "$work/words" || echo "it ended with $code"; } | tail -n 5)"; fi
}

if [ "${1-}" = once ]; then
  code=0
  look || code=$?
  exit "$code"
fi
while true; do
  look || log 'the Node could not be read'
  sleep "${CLUSTERWRIGHT_LOOK_SECONDS:-30}"
done
