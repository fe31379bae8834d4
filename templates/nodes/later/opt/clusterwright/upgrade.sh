#!/bin/bash
# Brings this machine to another release of Kubernetes, around what `kubeadm upgrade` does between the two. The scripts of its role call it while its node is drained; each call can be cut off and made again.
#   upgrade.sh kubeadm MINOR RELEASE   facts, files and kubeadm are of that release; containerd has the pause image that goes with it
#   upgrade.sh kubelet                 so are kubelet and kubectl, and the kubelet begins anew
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"
here=${BASH_SOURCE[0]%/*}

# take_files: what the user data of a machine of that minor would have brought. The baseline of a control plane follows, whatever else somebody has changed there.
take_files() {
  local facts=$root/etc/clusterwright/node.json file
  jq --compact-output --arg minor "$minor" --arg release "$release" '.kubernetesVersion = $minor | .kubernetesRelease = $release' "$facts" > "$facts.new"
  chmod 0600 "$facts.new"
  mv "$facts.new" "$facts"
  file=$root/etc/clusterwright/kubeadm/init.yaml
  if [ -e "$file" ]; then sed --in-place "s/^kubernetesVersion: .*/kubernetesVersion: v$release/" "$file"; fi
  for file in "$root"{,/var/lib/clusterwright/baseline}/etc/kubernetes/clusterwright/admission.yaml; do
    if [ -e "$file" ]; then sed --in-place --regexp-extended "s/(-version: v)[0-9.]+/\1$minor/" "$file"; fi
  done
}

install_kubeadm() {
  if [ "$(kubeadm version --output short 2> /dev/null)" = "v$release" ]; then return; fi
  # Each minor has a repository of its own, whose key may be another.
  rm --force "$root/etc/apt/keyrings/kubernetes.gpg"
  add_repository
  apt_install "kubeadm=$release-*"
  apt-mark hold kubeadm > /dev/null
}

take_pause_image() {
  local image
  image=$(kubeadm config images list --kubernetes-version "v$release" 2> /dev/null | grep /pause:)
  sed --in-place --regexp-extended "s|^( *sandbox = ).*|\1\"$image\"|" "$root/etc/containerd/config.toml"
  "$here/container-runtime.sh"
}

case ${1-} in
  kubeadm)
    minor=$2 release=$3
    take_files
    install_kubeadm
    take_pause_image
    ;;
  kubelet)
    "$here/kubernetes-packages.sh"
    # kubeadm leaves copies of what it has changed there, etcd's data among it.
    rm --recursive --force "$root/etc/kubernetes/tmp"
    "$here/file-modes.sh"
    systemctl daemon-reload
    systemctl restart kubelet
    ;;
  *) fail "usage: ${0##*/} kubeadm MINOR RELEASE | kubelet" ;;
esac
