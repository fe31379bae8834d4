#!/bin/bash
# containerd 2 with the configuration of /etc/containerd. What is there in the right version stays as it is.
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

# Kubernetes 1.36 takes no other: https://kubernetes.io/docs/setup/production-environment/container-runtimes/
install_containerd() {
  case $(containerd --version 2> /dev/null || true) in *' v2.'* | *' 2.'*) return ;; esac
  # A mirror may have these, too.
  if [ -n "$(fact .packageMirror)" ]; then add_repository; fi
  apt_install 'containerd=2.*' runc
  apt-mark hold containerd runc > /dev/null
}

# Containers go on running while containerd starts anew, but it is not done without need.
start_containerd() {
  local applied=$root/run/clusterwright/containerd.sha256 wanted
  wanted=$(cat "$root/etc/containerd/config.toml" "$root"/etc/containerd/conf.d/*.toml 2> /dev/null | sha256sum || true)
  if systemctl is-active --quiet containerd.service && [ "$(cat "$applied" 2> /dev/null)" = "$wanted" ]; then return; fi
  systemctl enable --quiet containerd.service
  systemctl restart containerd.service || fail "containerd did not start: $(journalctl --unit containerd.service --lines 5 --output cat)"
  ctr --connect-timeout 30s version > /dev/null || fail "containerd does not answer: $(journalctl --unit containerd.service --lines 5 --output cat)"
  mkdir --parents "${applied%/*}"
  printf '%s\n' "$wanted" > "$applied"
}

steps install_containerd start_containerd
