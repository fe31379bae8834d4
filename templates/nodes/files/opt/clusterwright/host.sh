#!/bin/bash
# Makes a fresh Ubuntu 24.04 fit to be a node. It can run again at any time, and on an image that has everything it changes nothing
# and asks no package mirror.
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

install_packages() {
  local missing=() package
  while read -r package; do
    if ! installed "$package"; then missing+=("$package"); fi
  done < <(cat "$root"/etc/clusterwright/packages.d/*)
  if [ "${#missing[@]}" -gt 0 ]; then apt_install "${missing[@]}"; fi
}

load_modules() {
  systemctl restart systemd-modules-load.service
}

apply_sysctls() {
  local key value
  while IFS='= ' read -r key value; do
    if [ "$(sysctl --values "$key")" != "$value" ]; then sysctl --quiet --write "$key=$value"; fi
  done < <(grep --invert-match --extended-regexp '^(#|$)' "$root/etc/sysctl.d/90-clusterwright.conf")
}

cap_journal() {
  systemctl try-restart systemd-journald.service
}

# The kubelet refuses to start beside swap.
turn_swap_off() {
  swapoff --all
  sed --in-place --regexp-extended '/^[^#]\S*\s+\S+\s+swap\s/s/^/#/' "$root/etc/fstab"
}

# Security groups and network policies decide; a second firewall would only break the overlay.
turn_ufw_off() {
  if command -v ufw > /dev/null; then ufw disable > /dev/null; fi
}

# Certificates, claims and etcd's leases live by the clock.
keep_time() {
  systemctl enable --quiet chrony.service
  systemctl restart chrony.service
}

watch_host() {
  systemctl enable --quiet --now auditd.service
  augenrules --load > /dev/null
}

upgrade_unattended() {
  systemctl enable --quiet --now unattended-upgrades.service
}

# By key only, or not at all where the cluster's spec has no key.
guard_ssh() {
  if [ -n "$(fact '.sshKeys[0]')" ]; then
    systemctl try-reload-or-restart ssh.service
  else
    systemctl mask --quiet --now ssh.socket ssh.service
  fi
}

steps install_packages load_modules apply_sysctls cap_journal turn_swap_off turn_ufw_off keep_time watch_host upgrade_unattended guard_ssh
