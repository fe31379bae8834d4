#!/bin/bash
# packages.sh FOLDER MINOR KUBERNETES CONTAINERD RUNC: makes of layers what apt gets them as: a signed repository at FOLDER/vMINOR/deb, laid out like the one of
# Kubernetes itself, with containerd and runc beside it. KUBERNETES and CONTAINERD are RELEASE=LAYER, RUNC is a layer. Lines on stdout tell how far it is.
set -euo pipefail
IFS='=' read -r kubernetes_release kubernetes <<< "$3"
IFS='=' read -r containerd_release containerd <<< "$4"
runc=$5
repository=$1/v$2/deb
# On the same file system as the layers, whose files are linked; the sockets of gpg want a short path.
work=$1/work keys=$(mktemp --directory)
leave() {
  gpgconf --homedir "$keys" --kill all 2> /dev/null || true
  rm --recursive --force "$work" "$keys"
}
trap leave EXIT

# package NAME VERSION LAYER PATH…: some files of a layer. They are large and on this machine only: packing them is not worth long work.
package() {
  local name=$1 version=$2 layer=$3 tree=$work/$1 path
  shift 3
  for path in "$@"; do
    mkdir --parents "$tree/$(dirname "$path")"
    cp --archive --link "$layer/$path" "$tree/$path"
  done
  mkdir "$tree/DEBIAN"
  printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: Clusterwright sandbox\nDescription: %s for hosts of the sandbox\n' \
    "$name" "$version" "$(dpkg --print-architecture)" "$name" > "$tree/DEBIAN/control"
  dpkg-deb -Zgzip -z1 --root-owner-group --build "$tree" "$repository" > /dev/null
  rm --recursive "$tree"
  echo "packed $name $version"
}

mkdir --parents "$repository" "$work"
package kubelet "$kubernetes_release-1.1" "$kubernetes" usr/bin/kubelet usr/lib/systemd/system/kubelet.service usr/lib/systemd/system/kubelet.service.d
package kubeadm "$kubernetes_release-1.1" "$kubernetes" usr/bin/kubeadm
package kubectl "$kubernetes_release-1.1" "$kubernetes" usr/bin/kubectl
package cri-tools "$kubernetes_release-1.1" "$kubernetes" usr/bin/crictl
package containerd "$containerd_release-1" "$containerd" usr/bin/containerd usr/bin/containerd-shim-runc-v2 usr/bin/ctr usr/lib/systemd/system/containerd.service
package runc "$("$runc/usr/sbin/runc" --version | sed --quiet 's/^runc version //p')-1" "$runc" usr/sbin/runc
package kubernetes-cni "$kubernetes_release-1.1" "$runc" usr/lib/cni opt/cni

cd "$repository"
for file in *.deb; do
  dpkg-deb --field "$file"
  printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat --format %s "$file")" "$(sha256sum "$file" | cut -d ' ' -f 1)"
done > Packages
gzip --keep --no-name Packages
{
  printf 'Origin: Clusterwright sandbox\nSuite: /\nArchitectures: %s\nDate: %s\nSHA256:\n' "$(dpkg --print-architecture)" "$(LC_ALL=C date --utc +'%a, %d %b %Y %H:%M:%S UTC')"
  for file in Packages Packages.gz; do printf ' %s %s %s\n' "$(sha256sum "$file" | cut -d ' ' -f 1)" "$(stat --format %s "$file")" "$file"; done
} > Release
sign() { gpg --homedir "$keys" --batch --quiet "$@"; }
# The key is as old as the repository and opens nothing else: it goes with the script.
sign --passphrase '' --quick-generate-key 'packages of the sandbox' ed25519 sign never 2> /dev/null
sign --armor --export > Release.key
sign --clearsign --output InRelease Release
sign --armor --detach-sign --output Release.gpg Release
echo "signed v$2"
