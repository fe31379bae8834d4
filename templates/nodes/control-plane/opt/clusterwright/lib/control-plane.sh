# shellcheck shell=bash disable=SC2034,SC2154
# How a control plane comes about: one of them starts the cluster, the others join it one at a time. Read by bootstrap.sh.
# shellcheck source=publish.sh
. "$here/lib/publish.sh"

# What runs on a control plane from then on.
units=(clusterwright-{approver,orders}.service clusterwright-{publish,pipelines,grants,certificates,etcd-snapshot,etcd-defragmentation}.timer)

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
    until_next_look
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

# join: etcd takes one new member at a time. What the others need not wait for comes before.
join() {
  authority=$(jq --raw-output .authority <<< "$claim")
  attempt 5 'the secrets of the cluster could not be had' prepare_join
  hold join
  step kubeadm
  attempt 5 'kubeadm could not join the cluster' join_control_plane
  release
}

prepare_join() {
  clean
  fetch_authorities
  if [[ $authority != *$(fingerprint "$pki/ca.crt")* ]]; then
    log 'the CA in the secret store is not the one of the node that started the cluster'
    return 1
  fi
  encryption_configuration
}

# join_control_plane: what kubeadm has begun and not ended is begun anew.
join_control_plane() {
  if [ -e "$work/joining" ]; then prepare_join; fi
  discovery
  own_script endpoint-hosts joining
  # shellcheck source=joining.sh
  . "$here/lib/joining.sh"
  come_in
  rm "$root/etc/clusterwright/discovery.conf"
}
