#!/bin/bash
# upgrade-worker.sh RELEASE: brings this worker to the release of its cluster, while its node is drained. It can be cut off anywhere and run again.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
"$here/upgrade.sh" kubeadm "${1%.*}" "$1"
kubeadm upgrade node
"$here/upgrade.sh" kubelet
