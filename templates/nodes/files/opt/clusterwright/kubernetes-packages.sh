#!/bin/bash
# kubelet, kubeadm and kubectl in the cluster's release, and the tools that go with them; held, because a cluster's upgrade changes them and nothing else.
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

release=$(fact .kubernetesRelease)

# By what the programs say, so that an image may bring them as it likes.
complete() {
  [ "$(kubeadm version --output short 2> /dev/null)" = "v$release" ] && [ "$(kubelet --version 2> /dev/null)" = "Kubernetes v$release" ] &&
    [[ $(kubectl version --client 2> /dev/null) == *"v$release"* ]] && command -v crictl > /dev/null
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
