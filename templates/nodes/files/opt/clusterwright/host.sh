#!/bin/bash
# Makes a fresh Ubuntu 24.04 fit to be a node. It can run again at any time, and on an image that has everything it changes nothing
# and asks no package mirror.
set -euo pipefail

packages=/etc/clusterwright/packages

load_modules() {
  systemctl restart systemd-modules-load.service
}

apply_sysctls() {
  sysctl --quiet --system
}

# The kubelet refuses to start beside swap.
turn_swap_off() {
  swapoff --all
  sed --in-place --regexp-extended '/^[^#]\S*\s+\S+\s+swap\s/s/^/#/' /etc/fstab
}

# Security groups and network policies decide; a second firewall would only break the overlay.
turn_ufw_off() {
  if command -v ufw > /dev/null; then ufw disable > /dev/null; fi
}

install_packages() {
  local missing=() package
  while read -r package; do
    if ! dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii'; then missing+=("$package"); fi
  done < "$packages"
  if [ "${#missing[@]}" -eq 0 ]; then return; fi

  export DEBIAN_FRONTEND=noninteractive
  # Other first-boot services may hold the lock, and a new network may lose the first packets.
  local options=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=5)
  apt-get "${options[@]}" --quiet update
  apt-get "${options[@]}" --quiet --yes --no-install-recommends install "${missing[@]}"
}

load_modules
apply_sysctls
systemctl try-restart systemd-journald.service
turn_swap_off
turn_ufw_off
install_packages
