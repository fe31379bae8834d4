# shellcheck shell=bash disable=SC2154
# How a control plane takes the place of one that is gone. Read by control-plane.sh.

# forget_predecessor: a machine that has gone may have had this one's name, address and disk. Its node goes, for a node never changes its machine; and its member of
# etcd, for kubeadm joins a healthy etcd only. What it wrote is let go when the others, being the majority, have let go of it.
forget_predecessor() {
  local other members line
  local etcdctl=(etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key)
  provisioner_client | jq --raw-output '.certificate, .key' > "$work/provisioner.pem"
  as_provisioner delete node "$node" --ignore-not-found
  other=$(as_provisioner get pods --selector component=etcd --output json |
    jq --raw-output --arg node "$node" 'first(.items[] | select(.spec.nodeName != $node and any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata.name)')
  if [ -z "$other" ]; then log 'no other member of etcd is Ready' && return 1; fi
  members=$(as_provisioner exec "$other" -- "${etcdctl[@]}" member list)
  while IFS= read -r line; do
    as_provisioner exec "$other" -- "${etcdctl[@]}" member remove "${line%%,*}"
  done < <(awk -F ', ' -v name="$node" '$3 == name' <<< "$members")
  # All that it has left there, what a restore has put aside among it: kubeadm wants an empty folder.
  rm -rf "$root"/var/lib/etcd/*
  rm -f "$work/provisioner.pem"
}
as_provisioner() {
  kubectl --server "https://$(fact .endpoint):$(fact .port)" --certificate-authority "$pki/ca.crt" --client-certificate "$work/provisioner.pem" --client-key "$work/provisioner.pem" \
    --namespace kube-system --request-timeout 30s "$@"
}
