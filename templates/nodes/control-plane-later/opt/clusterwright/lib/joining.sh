# shellcheck shell=bash disable=SC2154
# What a control plane does beside kubeadm when it joins. Read by control-plane.sh.

# take_place: a machine that has gone may have had this one's name, address and disk. Its node shows it; after a failure it is looked for in etcd in any case, for somebody may
# have deleted the node alone.
take_place() {
  local found
  provisioner_client | jq --raw-output '.certificate, .key' > "$work/provisioner.pem"
  found=$(as_provisioner get node "$node" --ignore-not-found --output name)
  if [ -n "$found" ] || [ -e "$work/joining" ]; then forget_predecessor; fi
  touch "$work/joining"
  rm -f "$work/provisioner.pem"
}

# forget_predecessor: its member of etcd goes, for kubeadm joins a healthy etcd only, and its node, for a node never changes its machine: last, because it is what shows that there is
# something to do. What it wrote is let go when the others, being the majority, have let go of it.
forget_predecessor() {
  local other members line
  local etcdctl=(etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key)
  other=$(as_provisioner get pods --selector component=etcd --output json |
    jq --raw-output --arg node "$node" 'first(.items[] | select(.spec.nodeName != $node and any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata.name)')
  if [ -z "$other" ]; then log 'no other member of etcd is Ready' && return 1; fi
  members=$(as_provisioner exec "$other" -- "${etcdctl[@]}" member list)
  while IFS= read -r line; do
    as_provisioner exec "$other" -- "${etcdctl[@]}" member remove "${line%%,*}"
  done < <(awk -F ', ' -v name="$node" '$3 == name' <<< "$members")
  as_provisioner delete node "$node" --ignore-not-found
  # All that it has left there, what a restore has put aside among it: kubeadm wants an empty folder.
  rm -rf "$root"/var/lib/etcd/*
}
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
