#!/bin/bash
# init.sh FOLDER: the first process of a host. It puts the host's root together and becomes its systemd. Only boot.sh calls it, in namespaces of the host's own.
set -euo pipefail
folder=$1
# shellcheck source=/dev/null
. "$folder/host.env"
root=$folder/root

# What is shared with this machine would be changed on this machine.
mount --make-rprivate /
hostname "$host_name"

mkdir --parents "$root" "$folder"/{upper,work,data}
mount -t overlay -o "lowerdir=$host_layers,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
# containerd puts overlays of its own here, which must not lie on another one.
for place in var/lib/containerd var/lib/kubelet; do
  mkdir --parents "$folder/data/$place" "$root/$place"
  mount --bind "$folder/data/$place" "$root/$place"
done

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# Settings that are the whole machine's are shown as files of the host's own: it finds, sets and keeps what it wants, and the machine stays as it is.
settings=$folder/settings
rm --recursive --force "$settings"
mkdir "$settings"
mount -t tmpfs tmpfs "$settings"
for setting in kernel/{panic,panic_on_oops,dmesg_restrict,kptr_restrict,keys/root_maxkeys,keys/root_maxbytes,random/boot_id} \
  vm/{overcommit_memory,panic_on_oom,max_map_count} fs/inotify/{max_user_instances,max_user_watches} net/netfilter/nf_conntrack_max; do
  if [ ! -e "$root/proc/sys/$setting" ]; then continue; fi
  mkdir --parents "$settings/${setting%/*}"
  cat "$root/proc/sys/$setting" > "$settings/$setting"
done
cat /proc/sys/kernel/random/uuid > "$settings/kernel/random/boot_id"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind -o remount,ro "$root/proc/sys" 2> /dev/null || mount -o remount,bind,ro "$root/proc/sys"
mount --bind /proc/sys/net "$root/proc/sys/net"
(cd "$settings" && find . -type f) | while read -r setting; do mount --bind "$settings/$setting" "$root/proc/sys/$setting"; done
if [ -e "$root/proc/sysrq-trigger" ]; then mount --bind /dev/null "$root/proc/sysrq-trigger"; fi

# Read only: what a host does to devices would be done to the machine's.
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/sys/fs/cgroup"
while IFS=: read -r _ controllers _; do
  case $controllers in
    '') unified=1 && continue ;;
    name=*) name=${controllers#name=} options=none,$controllers ;;
    *) name=$controllers options=$controllers ;;
  esac
  mkdir "$root/sys/fs/cgroup/$name"
  mount -t cgroup -o "$options" cgroup "$root/sys/fs/cgroup/$name"
done < /proc/self/cgroup
if [ -n "${unified-}" ]; then
  if [ -n "${name-}" ]; then
    mkdir "$root/sys/fs/cgroup/unified"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
  else
    umount "$root/sys/fs/cgroup"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  fi
fi

mount -t tmpfs -o mode=0755,nosuid tmpfs "$root/dev"
for device in null zero full random urandom tty kmsg fuse; do
  if [ -e "/dev/$device" ]; then
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  fi
done
mkdir "$root"/dev/{pts,shm,mqueue}
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o nosuid,nodev tmpfs "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue"
ln --symbolic pts/ptmx "$root/dev/ptmx"
ln --symbolic /proc/self/fd "$root/dev/fd"
for number in 0 1 2; do ln --symbolic "/proc/self/fd/$number" "$root/dev/$(cut -d ' ' -f $((number + 1)) <<< 'stdin stdout stderr')"; done
while read -r name device; do
  mkdir --parents "$root/dev/$(dirname "$name")"
  cp --archive --dereference "$device" "$root/dev/$name"
done < "$folder/disks"
for place in run tmp; do mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$root/$place"; done
chmod 1777 "$root/tmp"
printf '%s\n' "$host_name" > "$root/etc/hostname"

mkdir --parents "$root/.machine"
cd "$root"
pivot_root . .machine
umount --lazy /.machine
# Kubelet and network plugins hand mounts on to containers.
mount --make-rshared /
exec env --ignore-environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=clusterwright LANG=C.UTF-8 /lib/systemd/systemd --show-status=false < /dev/null
