# shellcheck shell=bash disable=SC2154
# How a worker joins. Read by bootstrap.sh.

# What runs on a worker from then on.
# shellcheck disable=SC2034
units=(clusterwright-upgrades.service)

join_worker() {
  clean
  discovery
  kubeadm_with join join-worker
  rm "$root/etc/clusterwright/discovery.conf"
}
