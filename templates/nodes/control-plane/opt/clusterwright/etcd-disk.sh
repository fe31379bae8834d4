#!/bin/bash
# Puts etcd on the disk that this control plane has for it: found by how it is attached, formatted once, mounted at every boot. A disk that holds
# anything but etcd's file system is never written to.
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

# The device where it is not found as in the clouds; "none": etcd stays on the root disk.
image_etcd_disk=${image_etcd_disk-}
place=/var/lib/etcd
patience=300

# The disk, once it is attached; that may take until after the machine has booted.
find_disk() {
  local device name
  case $(fact .rendezvous.provider) in
    aws)
      # The machine calls its NVMe disks as it likes; the name that the volume was attached under stands in the vendor's part of the controller's data.
      # https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html
      for device in /dev/nvme*n1; do
        if [ ! -b "$device" ]; then continue; fi
        name=$(nvme id-ctrl --raw-binary "${device%n1}" 2> /dev/null | dd bs=1 skip=3072 count=32 status=none | tr -d ' \0')
        if [ "${name#/dev/}" = sdf ]; then printf '%s' "$device" && return; fi
      done
      ;;
    azure)
      # Links of the agent's udev rules, old and new; LUN 0. https://learn.microsoft.com/azure/virtual-machines/linux/azure-virtual-machine-utilities
      for device in /dev/disk/azure/data/by-lun/0 /dev/disk/azure/scsi1/lun0; do
        if [ -b "$device" ]; then readlink --canonicalize "$device" && return; fi
      done
      ;;
  esac
}

wait_for_disk() {
  local until=$((SECONDS + patience)) disk
  while true; do
    disk=${image_etcd_disk:-$(find_disk)}
    if [ -b "$disk" ]; then printf '%s' "$disk" && return; fi
    if [ "$SECONDS" -ge "$until" ]; then
      log "no disk for etcd was attached within $patience seconds"
      return 1
    fi
    sleep 2
  done
}

# Only a disk on which nothing at all is recognised is formatted; blkid says so by 2.
format_once() {
  local disk=$1 found=0
  blkid --probe "$disk" > /dev/null || found=$?
  case $found in
    0) if [ "$(blkid --probe --match-tag LABEL --output value "$disk")" != etcd ]; then fail "$disk is not etcd's and not empty: $(blkid --probe "$disk")"; fi ;;
    2)
      log "formatting $disk"
      mkfs.ext4 -q -L etcd "$disk"
      ;;
    *) fail "what is on $disk cannot be told (blkid: $found)" ;;
  esac
}

mount_disk() {
  local disk=$1 uuid
  uuid=$(blkid --probe --match-tag UUID --output value "$disk")
  mkdir --parents "$root$place"
  # nofail: without the disk the machine still boots and can say so; the kubelet waits for it (kubelet.service.d/20-etcd.conf).
  if ! grep -q "^UUID=$uuid " "$root/etc/fstab"; then printf 'UUID=%s %s ext4 noatime,nofail 0 2\n' "$uuid" "$place" >> "$root/etc/fstab"; fi
  if ! mountpoint --quiet "$root$place"; then mount -t ext4 -o noatime "$disk" "$root$place"; fi
  # kubeadm wants an empty directory.
  rmdir "$root$place/lost+found" 2> /dev/null || true
}

prepare_etcd_disk() {
  if [ "$image_etcd_disk" = none ]; then
    mkdir --parents "$root$place"
  else
    local disk
    disk=$(wait_for_disk)
    format_once "$disk"
    mount_disk "$disk"
  fi
  chmod 0700 "$root$place"
}

steps prepare_etcd_disk
