#!/bin/bash
# base.sh FOLDER PACKAGE…: makes FOLDER/root, the root file system of a fresh server with these packages and nothing of Kubernetes: Ubuntu 24.04 where its archive
# can be reached, else this machine's own release, from where this machine gets its packages. FOLDER/runc is a layer to put over it: what containerd starts
# containers and their networks with. Lines on stdout tell how far it is.
set -euo pipefail
folder=$1 target=$1/root
shift
here=$(dirname "$(readlink -f "$0")")
ubuntu=http://archive.ubuntu.com/ubuntu

# What a server's image has beside the smallest system.
server=(
  systemd systemd-sysv libpam-systemd dbus cloud-init kmod procps iproute2 iputils-ping iptables nftables e2fsprogs sudo openssh-server less netbase
)

# Units that mean the machine itself and not a host on it, or wait for devices that such a host has none of.
masked=(
  systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service systemd-modules-load.service systemd-pstore.service
  getty.target console-getty.service systemd-journald-audit.socket systemd-networkd-wait-online.service cloud-init-hotplugd.socket
  apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer logrotate.timer man-db.timer
  run-rpc_pipefs.mount nvmf-autoconnect.service auditd.service chrony.service
  dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount
)

# own_source FIELD: of the first source that this machine's apt has.
own_source() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    if [ -e "$file" ]; then sed -n "s/^$1: *//p" "$file" | head -n 1 && return; fi
  done
  sed -n 's/^deb \(\[[^]]*\] \)\?//p' /etc/apt/sources.list | head -n 1 | case $1 in URIs) cut -d ' ' -f 1 ;; Suites) cut -d ' ' -f 2 ;; Components) cut -d ' ' -f 3- ;; esac
}

# inside COMMAND…: in the new system, which starts no service while packages are installed.
inside() { env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$target" "$@"; }

bootstrap() {
  if [ -e /usr/share/keyrings/ubuntu-archive-keyring.gpg ] && curl --silent --fail --max-time 10 --output /dev/null "$ubuntu/dists/noble/InRelease"; then
    echo 'unpacking Ubuntu 24.04'
    debootstrap --variant=minbase --components=main,universe --keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg noble "$target" "$ubuntu" >&2
    return
  fi
  local suite
  suite=$(own_source Suites | cut -d ' ' -f 1)
  echo "unpacking $(. /etc/os-release && echo "$PRETTY_NAME"), this machine's own release"
  debootstrap --variant=minbase "$suite" "$target" "$(own_source URIs | cut -d ' ' -f 1)" >&2
  # The same packages from the same places as this machine.
  rm --force "$target/etc/apt/sources.list"
  cp --recursive --no-target-directory /etc/apt "$target/etc/apt"
  cp --recursive --no-target-directory /usr/share/keyrings "$target/usr/share/keyrings"
}

install() {
  cp --dereference /etc/resolv.conf "$target/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' > "$target/usr/sbin/policy-rc.d"
  chmod +x "$target/usr/sbin/policy-rc.d"
  mount -t proc proc "$target/proc"
  trap 'umount --lazy "$target/proc"' EXIT
  inside apt-get --quiet update >&2
  # Debian has the resolver as a package of its own, Ubuntu's server as a part.
  if inside apt-cache show systemd-resolved > /dev/null 2>&1; then server+=(systemd-resolved); fi
  echo 'unpacking runc'
  mkdir "$folder/debs"
  mount --bind "$folder/debs" "$target/mnt"
  trap 'umount --lazy "$target/mnt" "$target/proc"' EXIT
  inside sh -c 'cd /mnt && apt-get --quiet download runc containernetworking-plugins' >&2
  umount "$target/mnt"
  for package in "$folder"/debs/*.deb; do dpkg-deb --extract "$package" "$folder/runc"; done
  # Where packages of before the merge put files below /lib, the root has a link, which a folder of this layer would hide.
  if [ -d "$folder/runc/lib" ]; then
    cp --archive "$folder/runc/lib/." "$folder/runc/usr/lib/"
    rm --recursive "$folder/runc/lib"
  fi
  # Where containerd looks for them.
  mkdir --parents "$folder/runc/opt/cni"
  ln --symbolic /usr/lib/cni "$folder/runc/opt/cni/bin"
  # Last: the resolver's package takes the names away that this one knows.
  echo 'installing packages'
  inside apt-get --quiet --yes --no-install-recommends install "${server[@]}" "$@" >&2
  inside apt-get --quiet clean >&2
  umount "$target/proc"
  trap - EXIT
}

settle() {
  local unit
  # A host reaches no archive: apt would wait for each. Nor is what this machine has for its own ways to them any host's business.
  rm --recursive --force "$target"/etc/apt/{sources.list,sources.list.d/*,auth.conf,auth.conf.d}
  { grep --recursive --files-with-matches --ignore-case --null proxy "$target/etc/apt/apt.conf.d" || true; } | xargs --null --no-run-if-empty rm
  for unit in "${masked[@]}"; do ln --symbolic --force /dev/null "$target/etc/systemd/system/$unit"; done
  rm --force "$target/usr/sbin/policy-rc.d" "$target"/etc/ssh/ssh_host_* "$target"/var/lib/apt/lists/*_* "$target/etc/hostname" "$target/etc/resolv.conf"
  # There and empty: each host gets a number of its own at its first boot.
  : > "$target/etc/machine-id"
  cp --recursive --no-target-directory "$here/files/base" "$target"
}

rm --recursive --force "$folder"
mkdir --parents "$folder"
bootstrap
install "$@"
settle
rm --recursive "$folder/debs"
