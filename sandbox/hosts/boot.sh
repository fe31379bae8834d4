#!/bin/bash
# boot.sh FOLDER: boots the host whose description lies in FOLDER/host.env, and runs as long as it does. The caller's KILL is a power cut: the host's first
# process, and with it every other one, container and mount of the host, goes with this one.
#   host_space       the network namespace it lives in, by name; its control groups have the same name
#   host_name        its name
#   host_layers      read-only root file systems, the uppermost first, with colons between
# FOLDER/disks lists attached block devices, lines `NAME DEVICE`: /dev/NAME of the host is DEVICE of this machine.
set -euo pipefail
folder=$1
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$folder/host.env"

# A group of its own in each hierarchy that there is; the host sees it as the root of all. The list changes as this goes on, so it is read at once.
while IFS=: read -r _ controllers _; do
  case $controllers in
    '') place=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET) ;;
    name=*) place=$(findmnt --noheadings --first-only --types cgroup --options "$controllers" --output TARGET) ;;
    *) place=$(findmnt --noheadings --first-only --types cgroup --options "${controllers%%,*}" --output TARGET) ;;
  esac
  if [ -z "$place" ]; then continue; fi
  group=$place/clusterwright/$host_space
  mkdir --parents "$group"
  if [ "$controllers" = cpuset ]; then
    for level in "$place/clusterwright" "$group"; do
      for file in cpuset.cpus cpuset.mems; do cat "$place/$file" > "$level/$file"; done
    done
  fi
  # All hosts together would have the processor share of one other program of this machine; they are machines of their own.
  for weight in cpu.shares cpu.weight; do
    if [ -e "$group/$weight" ]; then echo $(($(cat "$group/$weight") * $(find "$place/clusterwright" -mindepth 1 -maxdepth 1 -type d | wc --lines))) > "$place/clusterwright/$weight"; fi
  done
  echo $$ > "$group/cgroup.procs"
done <<< "$(cat /proc/self/cgroup)"

exec nsenter --net="/run/netns/$host_space" unshare --mount --uts --ipc --pid --cgroup --fork --kill-child "$here/init.sh" "$folder"
