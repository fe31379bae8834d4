# shellcheck shell=bash disable=SC2154
# What a control plane does beside kubeadm when it joins. Read by control-plane.sh.

# come_in: joins the others, or is the first that a lost cluster comes back on.
come_in() {
  local joining=$BASHPID
  # shellcheck source=restoring.sh
  . "$here/lib/restoring.sh"
  # shellcheck source=authorities.sh
  . "$here/lib/authorities.sh"
  if restoration_due; then
    restore_cluster
    return
  fi
  take_place
  have_kubelet_ask_again "$joining" > /dev/null 2>&1 &
  before_kubeadm "${authority%% *}"
  # It leaves kubeconfigs alone that are there. While the others go from one CA to the next it has to trust both.
  if several "$pki/ca.crt"; then
    kubeadm_with 'join phase control-plane-prepare kubeconfig' join-control-plane
    trust_all
  fi
  kubeadm_with join join-control-plane
  after_kubeadm
}

# take_place: a machine that has gone may have had this one's name, address and disk. Its member of etcd shows that, not its node, which the cloud's controller takes away with the
# machine. The member goes, for kubeadm joins a healthy etcd only; then what it wrote, which is let go when the others, being the majority, have let go of it, and all that a restore
# has put aside with it, for kubeadm wants an empty folder; and the node, for a node never changes its machine.
take_place() {
  local url member members=''
  provisioner_client | jq --raw-output '.certificate, .key' > "$work/provisioner.pem"
  client_certificate "$pki/etcd/ca" "/CN=$node"
  cat "$work/client.crt" "$work/client.key" > "$work/etcd.pem"
  while IFS= read -r url; do
    if members=$(ask_etcd "$url" list <<< '{"linearizable": true}'); then break; fi
  done < <(as_provisioner get pods --selector component=etcd --output json |
    jq --raw-output --arg node "$node" '.items[] | select(.spec.nodeName != $node) | .metadata.annotations["kubeadm.kubernetes.io/etcd.advertise-client-urls"] // empty')
  if [ -z "$members" ]; then log 'no other member of etcd answers' && return 1; fi
  while IFS= read -r member; do
    ask_etcd "$url" remove <<< "$member" > /dev/null
  done < <(jq --compact-output --arg name "$node" --arg peer "https://$address:2380" '.members[] | select(.name == $name or any(.peerURLs[]; . == $peer)) | {ID}' <<< "$members")
  rm -rf "$root"/var/lib/etcd/*
  as_provisioner delete node "$node" --ignore-not-found
  raise_release
  rm -f "$work"/{provisioner,etcd}.pem "$work"/client.*
  touch "$work/joining"
}

# raise_release: kubeadm installs the release that the cluster is in by its word, and that is what the first machine of a newer one makes it. It is never lowered: kubeadm of an older one then says why it cannot join.
raise_release() {
  local release known settings
  release=v$(fact .kubernetesRelease)
  settings=$(as_provisioner get configmap kubeadm-config --output json)
  known=$(jq --raw-output '.data.ClusterConfiguration' <<< "$settings" | sed --quiet 's/^kubernetesVersion: //p')
  if [ "$(printf '%s\n' "$release" "$known" | sort --version-sort | tail -n 1)" = "$known" ]; then return; fi
  jq --arg release "$release" '.data.ClusterConfiguration |= sub("kubernetesVersion: \\S+"; "kubernetesVersion: " + $release)' <<< "$settings" | as_provisioner replace --filename -
}

# ask_etcd URL COMMAND < REQUEST: asks a member of etcd about the members.
ask_etcd() { curl --silent --show-error --fail --max-time 10 --noproxy '*' --cacert "$pki/etcd/ca.crt" --cert "$work/etcd.pem" --data-binary @- "$1/v3/cluster/member/$2"; }

as_provisioner() {
  kubectl --server "https://$(fact .endpoint):$(fact .port)" --certificate-authority "$pki/ca.crt" --client-certificate "$work/provisioner.pem" --client-key "$work/provisioner.pem" \
    --namespace kube-system --request-timeout 30s "$@"
}

# have_kubelet_ask_again JOINING: a new kubelet asks for its certificate with growing pauses, and asks the API server that it has to start first. Once that is ready, a kubelet that
# begins anew need not wait for the end of its pause; and before the node is known and the first pods come, which keep the hosts file that they begin with, the endpoint's name stands for
# what it will stand for. Ends with the process JOINING.
have_kubelet_ask_again() {
  until curl --silent --fail --max-time 2 --noproxy '*' --cacert "$pki/ca.crt" "https://$address:6443/readyz" --output "$work/ready"; do
    sleep 0.5
    if ! kill -0 "$1" 2> /dev/null; then return; fi
  done
  own_script endpoint-hosts joined
  if [ ! -e "$root/var/lib/kubelet/pki/kubelet-client-current.pem" ]; then systemctl restart kubelet; fi
}
