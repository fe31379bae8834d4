# shellcheck shell=bash disable=SC2154
# How a worker joins. Read by bootstrap.sh.
join_worker() {
  clean
  discovery
  kubeadm_with join join-worker
  rm "$root/etc/clusterwright/discovery.conf"
}
