# shellcheck shell=bash disable=SC2034,SC2154
# How a control plane comes about: one of them starts the cluster, the others join it one at a time. Read by bootstrap.sh.
# shellcheck source=publish.sh
. "$here/lib/publish.sh"

# What runs on a control plane from then on.
units=(clusterwright-approver.service clusterwright-{publish,certificates,etcd-snapshot,etcd-defragmentation}.timer)

# become_control_plane: returns when this machine is one.
become_control_plane() {
  while true; do
    await claim_read initialiser
    if [ "$(claim_state)" = published ]; then
      # What has been published before this machine went down is its own work.
      if [ "$holder" != "$token" ]; then join; fi
      return
    fi
    if [ -z "$claim" ] || [ "$(claim_state)" = free ] || [ "$holder" = "$token" ] || [ "$unchanged" -ge "$stale" ]; then
      if claim_write initialiser held; then
        initialise
        return
      fi
    fi
    sleep "$((beat / 2)).$((RANDOM % 900 + 100))"
  done
}

# initialise: starts the cluster. Until its CA is published another node may take over, so all that others read is written under the claim.
initialise() {
  start_beating initialiser
  step kubeadm
  if [ ! -e "$state/initialised" ]; then attempt 2 'kubeadm could not start the cluster' start_cluster; fi
  attempt 5 'the secrets of the cluster could not be published' publish_all held
  stop_beating
  while true; do
    await claim_read initialiser
    if [ "$holder" != "$token" ]; then exit "$superseded"; fi
    if claim_write initialiser published null "$(fingerprint "$pki/ca.crt")"; then return; fi
  done
}

start_cluster() {
  clean
  encryption_configuration
  own_script endpoint-hosts init
  kubeadm_with init init
  touch "$state/initialised"
}

# join: etcd takes one new member at a time.
join() {
  authority=$(jq --raw-output .authority <<< "$claim")
  hold join
  step kubeadm
  attempt 5 'kubeadm could not join the cluster' join_control_plane
  release
}

join_control_plane() {
  clean
  fetch_authorities
  if [ "$(fingerprint "$pki/ca.crt")" != "$authority" ]; then
    log 'the CA in the secret store is not the one of the node that started the cluster'
    return 1
  fi
  encryption_configuration
  discovery
  own_script endpoint-hosts joining
  forget_predecessor
  kubeadm_with join join-control-plane
  rm "$root/etc/clusterwright/discovery.conf"
}

# forget_predecessor: a machine that has gone may have had this one's name, address and disk. Its node goes, for a node never changes its machine; and its member of
# etcd, for kubeadm joins a healthy etcd only. What it wrote is let go when the others, being the majority, have let go of it.
forget_predecessor() {
  local other members line
  local etcdctl=(etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key)
  provisioner_client | jq --raw-output '.certificate, .key' > "$work/provisioner.pem"
  as_provisioner delete node "$node" --ignore-not-found
  other=$(as_provisioner get pods --selector component=etcd --output json |
    jq --raw-output --arg node "$node" 'first(.items[] | select(.spec.nodeName != $node and any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata.name)')
  if [ -z "$other" ]; then log 'no other member of etcd is Ready' && return 1; fi
  members=$(as_provisioner exec "$other" -- "${etcdctl[@]}" member list)
  while IFS= read -r line; do
    as_provisioner exec "$other" -- "${etcdctl[@]}" member remove "${line%%,*}"
  done < <(awk -F ', ' -v name="$node" '$3 == name' <<< "$members")
  rm -rf "$root/var/lib/etcd/member" "$work/provisioner.pem"
}
as_provisioner() {
  kubectl --server "https://$(fact .endpoint):$(fact .port)" --certificate-authority "$pki/ca.crt" --client-certificate "$work/provisioner.pem" --client-key "$work/provisioner.pem" \
    --namespace kube-system --request-timeout 30s "$@"
}
