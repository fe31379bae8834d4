# shellcheck shell=bash
# What the scripts that set a host up share. An image that has done some of their work, or a host that is no Ubuntu in a cloud, says so in
# /etc/clusterwright/image.d/*.sh, which are read here: image_did, and image_etcd_disk for etcd-disk.sh. CLUSTERWRIGHT_ROOT puts everything below another root.
set -euo pipefail
# Packages and their settings are for everybody to read, whoever calls.
umask 022

root=${CLUSTERWRIGHT_ROOT-}

# Steps that the image answers for, by the names of their functions.
image_did=()
for file in "$root"/etc/clusterwright/image.d/*.sh; do
  # shellcheck source=/dev/null
  if [ -e "$file" ]; then . "$file"; fi
done

log() { printf '%s\n' "$*" >&2; }

fail() {
  log "$*"
  exit 1
}

# steps NAME...: runs the functions in order, but for those that the image answers for.
steps() {
  local step
  for step in "$@"; do
    case " ${image_did[*]} " in
      *" $step "*) log "$step: done by the image" ;;
      *) "$step" ;;
    esac
  done
}

# fact FILTER: a value of the node's facts; empty for null. Not before host.sh has run: it brings jq.
fact() { jq --raw-output "$1 // empty" "$root/etc/clusterwright/node.json"; }

installed() { dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2> /dev/null | grep -q '^ii'; }

# apt_install PACKAGE[=VERSION]...: other first-boot services may hold the lock, and a new network may lose the first packets.
apt_install() {
  local options=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -o Dpkg::Options::=--force-confold --quiet)
  export DEBIAN_FRONTEND=noninteractive
  log "installing $*"
  apt-get "${options[@]}" update
  apt-get "${options[@]}" --yes --no-install-recommends --allow-change-held-packages install "$@"
}

# add_repository: that of Kubernetes in the cluster's minor, or the mirror that the cluster's spec names.
# https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/
add_repository() {
  local address key=$root/etc/apt/keyrings/kubernetes.gpg
  address=$(fact '"\(.packageMirror // "https://pkgs.k8s.io/core:/stable:")/v\(.kubernetesVersion)/deb"')
  mkdir --parents "${key%/*}"
  if [ ! -s "$key" ]; then
    curl --fail --silent --show-error --location --retry 8 --retry-all-errors "$address/Release.key" | gpg --batch --yes --dearmor --output "$key.new"
    mv "$key.new" "$key"
  fi
  printf 'deb [signed-by=%s] %s/ /\n' "$key" "$address" > "$root/etc/apt/sources.list.d/kubernetes.list"
}
