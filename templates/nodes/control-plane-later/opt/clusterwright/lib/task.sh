# shellcheck shell=bash disable=SC2034,SC2154
# What the tasks of control planes share.
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/rendezvous.sh"
# Checked by itself: followed from here, it has shellcheck 0.9 run out of memory over the tasks.
# shellcheck source=/dev/null
. "$library/publish.sh"
# shellcheck source=/dev/null
. "$library/snapshot.sh"
# shellcheck source=/dev/null
. "$library/authorities.sh"
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

# refuse WHY: ends the task, which does nothing.
refuse() { log "$1" && exit 1; }

# metrics NAME < LINES: what node-exporter, which is not root, shows Prometheus of this node. The file comes whole, so that none is read half written.
metrics() {
  local folder=$root/var/lib/node-exporter/textfile
  mkdir -p "$folder"
  chmod 0755 "$root/var/lib/node-exporter" "$folder"
  cat > "$folder/$1.prom.new"
  chmod 0644 "$folder/$1.prom.new"
  mv "$folder/$1.prom.new" "$folder/$1.prom"
}

# here ARGUMENT…: kubectl, at this machine's own API server.
here() { admin --server "https://127.0.0.1:$(fact .port)" "$@"; }

# container NAME: the id of a static pod's running container, or nothing.
container() { crictl ps --quiet --name "^$1\$"; }

# image NAME: what a static pod runs, also while it is stopped.
image() {
  local manifest=$manifests/$1.yaml
  if [ ! -e "$manifest" ]; then manifest=$aside/$1.yaml; fi
  sed -n 's/^ *image: *//p' "$manifest" | head -n 1
}

# in_etcd PROGRAM ARGUMENT…: runs what etcd's image brings along.
in_etcd() { crictl exec "$(container etcd)" "$@"; }
etcdctl() { etcdctl_at https://127.0.0.1:2379 "$@"; }
etcdctl_at() {
  local certificates=/etc/kubernetes/pki/etcd endpoints=$1
  shift
  in_etcd etcdctl --endpoints "$endpoints" --cacert "$certificates/ca.crt" --cert "$certificates/healthcheck-client.crt" --key "$certificates/healthcheck-client.key" "$@"
}

# keys_at MEMBER PREFIX REVISION: how many keys below a prefix there were at a revision.
keys_at() { etcdctl_at "$1" get "$2" --prefix --count-only --rev "$3" --write-out fields | sed -n 's/^"Count" : //p'; }

# stop_pod NAME…, start_pod NAME…: the kubelet ends a static pod when its manifest goes, and starts it when that is back.
stop_pod() {
  local name
  mkdir -p "$aside"
  for name; do if [ -e "$manifests/$name.yaml" ]; then mv "$manifests/$name.yaml" "$aside/"; fi; done
  for name; do until [ -z "$(container "$name")" ]; do sleep 1; done; done
}
start_pod() {
  local name
  for name; do if [ -e "$aside/$name.yaml" ]; then mv "$aside/$name.yaml" "$manifests/"; fi; done
  for name; do until [ -n "$(container "$name")" ]; do sleep 1; done; done
}

# spare_member MARKER: etcd does without one member, and that will be this one. Where an earlier run was cut off, which the marker tells, it is already.
spare_member() {
  if [ ! -e "$state/$1" ] && ! etcdctl endpoint health --cluster > "$work/health" 2>&1; then
    cat "$work/health" >&2
    log 'not all members of etcd are well' && exit 1
  fi
}

# restart_all COMMAND…: has the static pods take new certificates, and does something while none runs. An API server that ends serves on until load balancers have turned away from it, which it cannot without etcd. So that goes after
# it, and comes before it.
restart_all() {
  stop_pod kube-apiserver kube-controller-manager kube-scheduler
  stop_pod etcd
  "$@"
  start_pod etcd
  start_pod kube-apiserver kube-controller-manager kube-scheduler
  until ready; do sleep 2; done
}

# ready: whether the API server of this node answers.
ready() { curl --silent --fail --max-time 5 --cacert "$pki/ca.crt" --output /dev/null "https://127.0.0.1:$(fact .port)/readyz"; }

# The certificates of a control plane that kubeadm renews, by the names that kubeadm has for them.
certificates='apiserver apiserver-etcd-client apiserver-kubelet-client front-proxy-client etcd/server etcd/peer etcd/healthcheck-client admin.conf controller-manager.conf scheduler.conf super-admin.conf'

# certificate NAME: in PEM. Only the first control plane has super-admin.conf.
certificate() {
  case $1 in
    *.conf) sed -n 's/^ *client-certificate-data: *//p' "$root/etc/kubernetes/$1" | base64 --decode ;;
    *) cat "$pki/$1.crt" ;;
  esac
}

# certificate_ends: when each of them ends, as a JSON object.
certificate_ends() {
  local name end
  for name in $certificates; do
    end=$(certificate "$name" 2> /dev/null | end_of) || continue
    printf '%s %s\n' "$name" "$end"
  done | as_object
}
end_of() {
  local end
  end=$(openssl x509 -noout -enddate 2> /dev/null) && date --utc --date "${end#*=}" +%FT%TZ
}
as_object() { jq --raw-input --slurp '[split("\n")[] | select(. != "") | split(" ") | {key: .[0], value: .[1]}] | from_entries'; }

# authority_ends: the same of those that have signed them. Where two are trusted, the one that is to go is `NAME-old`.
authority_ends() {
  local name new number end
  for name in $authorities; do
    new=$(newer "$pki/$name.crt")
    for number in 1 2; do
      end=$(pick "$number" "$pki/$name.crt" | end_of) || continue
      if [ "$number" = "$new" ]; then printf '%s %s\n' "$name" "$end"; else printf '%s-old %s\n' "$name" "$end"; fi
    done
  done | as_object
}

# publish_expiries: when what this node knows of ends, for the service. A token lasts a day from when it was published.
publish_expiries() {
  local token=''
  if [ -e "$state/published" ]; then token=$(date --utc --date "@$(($(stat --format %Y "$state/published") + 86400))" +%FT%TZ); fi
  authority_ends > "$work/authorities"
  certificate_ends | jq --arg node "$node" --arg at "$(date --utc +%FT%TZ)" --arg token "$token" --slurpfile authorities "$work/authorities" \
    '{node: $node, at: $at, certificates: ., authorities: $authorities[0], joinToken: (if $token == "" then null else $token end)}' > "$work/expiries"
  object_put "rendezvous/expiries/$node.json" "$work/expiries"
}
