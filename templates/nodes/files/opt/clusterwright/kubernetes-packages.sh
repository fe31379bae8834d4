#!/bin/bash
# kubelet, kubeadm and kubectl in the cluster's release, and the tools that go with them; held, because a cluster's upgrade changes them and nothing else.
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

release=$(fact .kubernetesRelease)
minor=$(fact .kubernetesVersion)

# By what the programs say, so that an image may bring them as it likes.
complete() {
  [ "$(kubeadm version --output short 2> /dev/null)" = "v$release" ] && [ "$(kubelet --version 2> /dev/null)" = "Kubernetes v$release" ] &&
    [[ $(kubectl version --client 2> /dev/null) == *"v$release"* ]] && command -v crictl > /dev/null
}

# A repository for each minor. https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/
add_repository() {
  local address="https://pkgs.k8s.io/core:/stable:/v$minor/deb" key=/etc/apt/keyrings/kubernetes.gpg
  mkdir --parents /etc/apt/keyrings
  if [ ! -s "$key" ]; then
    curl --fail --silent --show-error --location --retry 8 --retry-all-errors "$address/Release.key" | gpg --batch --yes --dearmor --output "$key.new"
    mv "$key.new" "$key"
  fi
  printf 'deb [signed-by=%s] %s/ /\n' "$key" "$address" > /etc/apt/sources.list.d/kubernetes.list
}

install_kubernetes() {
  if complete; then return; fi
  add_repository
  apt_install "kubelet=$release-*" "kubeadm=$release-*" "kubectl=$release-*" cri-tools kubernetes-cni
  apt-mark hold kubelet kubeadm kubectl cri-tools kubernetes-cni > /dev/null
  complete || fail "Kubernetes $release was installed, but kubeadm says $(kubeadm version --output short 2>&1)"
}

enable_kubelet() {
  systemctl enable --quiet kubelet.service
}

steps install_kubernetes enable_kubelet
