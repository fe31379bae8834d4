#!/bin/bash
# restore-files.sh [KEPT…]
# Makes files and settings of this control plane what its baseline has, but for those that are named. What should not be there is moved aside. Static pods that are concerned, and the kubelet, start again. Prints the names of what it has put right.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"
# shellcheck source=../lib/baseline.sh
. "$library/baseline.sh"

# put_back NAME PLACE: the file comes whole. The kubelet passes over what begins with a dot.
put_back() {
  local new=${2%/*}/.restored
  mkdir -p "${2%/*}"
  cp --preserve=mode,ownership "$baseline$1" "$new"
  mv "$new" "$2"
}

kubelet='' again=''
restore() {
  case $1:$2 in
    setting:*) sysctl --quiet --write "$2=$3" ;;
    file:*)
      if [ "$3" = - ]; then
        mkdir -p "$state/removed"
        mv "$(live "$2")" "$state/removed/${2##*/}.$(date +%s)"
        return
      fi
      case $2 in
        /etc/kubernetes/manifests/*)
          pod=$(basename "$2" .yaml)
          stop_pod "$pod"
          put_back "$2" "$aside/${2##*/}"
          start_pod "$pod"
          ;;
        *) put_back "$2" "$root$2" ;;
      esac
      case $2 in
        /var/lib/kubelet/* | /etc/systemd/*) kubelet=yes ;;
        /etc/kubernetes/clusterwright/*) again=yes ;;
      esac
      ;;
  esac
}

printf '%s\n' "$@" > "$work/kept"
lasting_deviations | awk -F '\t' 'NR == FNR { kept[$0]; next } !($2 in kept)' "$work/kept" - > "$work/deviations"
if [ -s "$work/deviations" ]; then
  # One control plane at a time, and not while one takes its new certificates.
  hold certificates
  while IFS=$'\t' read -r kind name was _; do restore "$kind" "$name" "$was" < /dev/null; done < "$work/deviations"
  if [ -n "$again" ]; then stop_pod kube-apiserver && start_pod kube-apiserver; fi
  if [ -n "$kubelet" ]; then systemctl daemon-reload && systemctl restart kubelet; fi
  until ready; do sleep 2; done
  release
fi
cut --fields 2 "$work/deviations" | jq --raw-input --null-input --compact-output '[inputs]'
