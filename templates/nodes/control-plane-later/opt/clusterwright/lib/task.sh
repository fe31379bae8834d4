# shellcheck shell=bash disable=SC2034,SC2154
# What the tasks of control planes share.
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/rendezvous.sh"
# shellcheck source=publish.sh
. "$library/publish.sh"
node=$(node_name)
manifests=$root/etc/kubernetes/manifests
aside=$state/manifests

# A task of the whole cluster that fails is due at once for another control plane. What else is to go with the script stands in `leftovers`.
task='' leftovers=()
leave() {
  local code=$?
  if [ "$code" -ne 0 ] && [ -n "$task" ]; then not_done "$task" || true; fi
  stop_beating
  rm -rf "$work" "${leftovers[@]}"
}
trap leave EXIT

# metrics NAME < LINES: what node-exporter, which is not root, shows Prometheus of this node. The file comes whole, so that none is read half written.
metrics() {
  local folder=$root/var/lib/node-exporter/textfile
  mkdir -p "$folder"
  chmod 0755 "$root/var/lib/node-exporter" "$folder"
  cat > "$folder/$1.prom.new"
  chmod 0644 "$folder/$1.prom.new"
  mv "$folder/$1.prom.new" "$folder/$1.prom"
}

# container NAME: the id of a static pod's running container, or nothing.
container() { crictl ps --quiet --name "^$1\$"; }

# in_etcd PROGRAM ARGUMENT…: runs what etcd's image brings along.
in_etcd() { crictl exec "$(container etcd)" "$@"; }
etcdctl() { etcdctl_at https://127.0.0.1:2379 "$@"; }
etcdctl_at() {
  local certificates=/etc/kubernetes/pki/etcd endpoints=$1
  shift
  in_etcd etcdctl --endpoints "$endpoints" --cacert "$certificates/ca.crt" --cert "$certificates/healthcheck-client.crt" --key "$certificates/healthcheck-client.key" "$@"
}

# stop_pod NAME, start_pod NAME: the kubelet ends a static pod when its manifest goes, and starts it when that is back.
stop_pod() {
  mkdir -p "$aside"
  if [ -e "$manifests/$1.yaml" ]; then mv "$manifests/$1.yaml" "$aside/"; fi
  until [ -z "$(container "$1")" ]; do sleep 2; done
}
start_pod() {
  if [ -e "$aside/$1.yaml" ]; then mv "$aside/$1.yaml" "$manifests/"; fi
  until [ -n "$(container "$1")" ]; do sleep 2; done
}

# ready: whether the API server of this node answers.
ready() { curl --silent --fail --max-time 5 --cacert "$pki/ca.crt" --output /dev/null "https://127.0.0.1:$(fact .port)/readyz"; }
