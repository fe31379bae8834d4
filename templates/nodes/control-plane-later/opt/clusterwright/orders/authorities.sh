#!/bin/bash
# A step of giving the cluster new authorities, all three of them, while it runs. On one control plane, for all:
#   authorities.sh add       there are new ones beside the old
#   authorities.sh sign      the new CA signs for kubelets; all have to trust it
#   authorities.sh renew     the new ones sign everything
#   authorities.sh drop      the old ones are gone; nothing may be signed by them any more
#   authorities.sh publish   nodes and the service come in by what this node trusts
# and after each of the first four, on one after the other: `follow` makes the node what secret store and claim say. Which of two is the old one their dates tell, so that every step can be done again.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"
kubelet=$root/var/lib/kubelet/pki

# named: the CAs that the claim names.
named() { claim_read initialiser && jq --raw-output .authority <<< "$claim"; }

# name_them FINGERPRINT…: has the claim name these. Who holds it stays.
name_them() {
  until [ "$(named)" = "$*" ]; do
    claim_read initialiser
    jq --arg authority "$*" '.authority = $authority' <<< "$claim" > "$work/claim-new"
    object_put_if_match rendezvous/claims/initialiser.json "$work/claim-new" "$etag" || [ $? -eq "$lost" ]
  done
}

# stored_as NAME NUMBER…: keeps these of the stored pairs, in this order.
stored_as() {
  local name=$1 kind number
  shift
  for kind in crt key; do for number; do pick "$number" "$stored/$name.$kind"; done; done | secret_put "control-plane/${name/\//-}"
}

print_of() { pick "$1" "$stored/ca.crt" | fingerprint /dev/stdin; }

add() {
  local name
  # shellcheck disable=SC2034 # read by their names
  NODE_NAME=$node NODE_ADDRESS=$(node_address) PROVIDER_ID=$(provider_id)
  for name in front-proxy-ca etcd/ca; do
    if several "$stored/$name.crt" && ! several "$stored/ca.crt"; then refuse 'the old authorities are being taken away: let that end first'; fi
  done
  for name in $authorities; do
    if several "$stored/$name.crt"; then continue; fi
    if [ ! -e "$work/new.yaml" ]; then
      fill "$root/etc/clusterwright/kubeadm/init.yaml" "$work/init.yaml" NODE_NAME NODE_ADDRESS PROVIDER_ID
      sed "s|^kind: ClusterConfiguration\$|&\ncertificatesDir: $work/new|" "$work/init.yaml" > "$work/new.yaml"
    fi
    kubeadm init phase certs "${name/\//-}" --config "$work/new.yaml" >&2
    cat "$work/new/$name.crt" >> "$stored/$name.crt"
    cat "$work/new/$name.key" >> "$stored/$name.key"
    stored_as "$name" 1 2
  done
  if [[ $(named) != *' '* ]]; then name_them "$(print_of 1)" "$(print_of 2)"; fi
}

sign() {
  if ! several "$stored/ca.crt"; then refuse 'there is no new CA'; fi
  if [ "$(newer "$stored/ca.crt")" = 2 ]; then name_them "$(print_of 2)" "$(print_of 1)"; fi
}

renew() {
  local name signs
  signs=$(named)
  if [ "${signs%% *}" != "$(print_of "$(newer "$stored/ca.crt")")" ]; then refuse 'the new CA does not sign for kubelets yet'; fi
  for name in $authorities; do if [ "$(newer "$stored/$name.crt")" = 2 ]; then stored_as "$name" 2 1; fi; done
}

# The CA last: whoever finds one alone and two of another knows that they are being taken away.
drop() {
  local name
  for name in $authorities; do if [ "$(newer "$stored/$name.crt")" = 2 ]; then refuse 'the old authorities sign still'; fi; done
  for name in etcd/ca front-proxy-ca ca; do if several "$stored/$name.crt"; then stored_as "$name" 1; fi; done
  name_them "$(print_of 1)"
}

publish() {
  publish_access
  admin get configmap cluster-info --namespace kube-public --ignore-not-found --output json > "$work/info"
  if [ -s "$work/info" ]; then
    jq --arg all "$(base64 --wrap 0 < "$pki/ca.crt")" '.data.kubeconfig |= sub("certificate-authority-data: \\S+"; "certificate-authority-data: " + $all)' "$work/info" | admin replace --filename - > /dev/null
  fi
}

# by AUTHORITY < CERTIFICATE: whether what this node has of it first has signed.
by() { pick 1 "$pki/$1.crt" > "$work/by" && openssl verify -CAfile "$work/by" > /dev/null 2>&1; }

same_authorities() {
  local name
  for name in $authorities; do cmp --silent "$stored/$name.crt" "$pki/$name.crt" && cmp --silent "$stored/$name.key" "$pki/$name.key" || return 1; done
}

renewed() {
  local name authority
  for name in $certificates; do
    case $name in
      front-proxy-client) authority=front-proxy-ca ;;
      apiserver-etcd-client | etcd/*) authority=etcd/ca ;;
      *) authority=ca ;;
    esac
    certificate "$name" > "$work/leaf" 2> /dev/null || continue
    if [ -s "$work/leaf" ] && ! by "$authority" < "$work/leaf"; then return 1; fi
  done
}

trusted() {
  local file all
  all=$(base64 --wrap 0 < "$pki/ca.crt")
  for file in "$root"/etc/kubernetes/*.conf; do if [ "$(sed -n 's/^ *certificate-authority-data: *//p' "$file")" != "$all" ] && grep --quiet certificate-authority-data "$file"; then return 1; fi; done
}

# signs: whether the controller manager signs with the CA that is to.
signs() {
  if several "$pki/ca.crt"; then
    [ "$(fingerprint "$pki/signer.crt" 2> /dev/null)" = "$signer" ] && grep --quiet 'cluster-signing-cert-file=.*/signer.crt' "$manifests/kube-controller-manager.yaml"
  else
    [ ! -e "$pki/signer.crt" ]
  fi
}

# kubelets_own: whether the kubelet's certificates are by the CA that signs everything.
kubelets_own() { [ "$(fingerprint "$pki/ca.crt")" != "$signer" ] || [ ! -d "$kubelet" ] || { by ca < "$kubelet/kubelet-client-current.pem" && by ca < "$kubelet/kubelet-server-current.pem"; }; }

# sign_with NAME: has the controller manager begin with that pair, and leaves it so in the baseline.
sign_with() {
  local file
  for file in "$aside/kube-controller-manager.yaml" "$state/baseline/etc/kubernetes/manifests/kube-controller-manager.yaml"; do
    if [ -e "$file" ]; then sed --in-place --regexp-extended "s#(--cluster-signing-(cert|key)-file=/etc/kubernetes/pki/)[a-z]+\.#\1$1.#" "$file"; fi
  done
}

# renew_kubelet: a client certificate from here, for a year, as the kubelet's own are; for a serving certificate it asks when it starts.
renew_kubelet() {
  local new until=$((SECONDS + 300))
  if ! by ca < "$kubelet/kubelet-client-current.pem"; then
    client_certificate "$pki/ca" "/O=system:nodes/CN=system:node:$node"
    openssl x509 -req -in "$work/client.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 365 -sha256 -extfile "$work/client.ext" -out "$work/client.crt" 2> /dev/null
    new=kubelet-client-$(date --utc +%F-%H-%M-%S).pem
    cat "$work/client.crt" "$work/client.key" > "$kubelet/$new"
    ln --symbolic --force --no-dereference "$kubelet/$new" "$kubelet/kubelet-client-current.pem"
    rm "$work"/client.*
  fi
  if ! by ca < "$kubelet/kubelet-server-current.pem"; then rm -f "$kubelet"/kubelet-server-*.pem; fi
  systemctl restart kubelet
  until kubelets_own; do
    if [ "$SECONDS" -ge "$until" ]; then refuse 'the kubelet has no serving certificate of the new CA'; fi
    sleep "${CLUSTERWRIGHT_VERDICT_SECONDS:-2}"
  done
}

follow() {
  local name whole='' pair=ca
  signer=$(named)
  signer=${signer%% *}
  if [ ! -e "$state/following" ] && same_authorities && renewed && trusted && signs && kubelets_own; then return; fi
  spare_member following
  hold certificates
  if [ -e "$state/following" ] || ! same_authorities || ! renewed; then whole=yes; fi
  touch "$state/following"
  for name in $authorities; do take "$name.key" "$name.crt"; done
  if ! renewed; then kubeadm certs renew all >&2; fi
  trust_all
  if several "$pki/ca.crt"; then pair=signer && lay_signer "$signer"; fi
  if [ -n "$whole" ]; then
    restart_all sign_with "$pair"
    systemctl restart kubelet
  else
    stop_pod kube-controller-manager
    sign_with "$pair"
    start_pod kube-controller-manager
  fi
  if [ "$pair" = ca ]; then rm -f "$pki"/signer.*; fi
  if ! kubelets_own; then renew_kubelet; fi
  until etcdctl endpoint health --cluster > /dev/null 2>&1; do sleep 2; done
  rm "$state/following"
  release
}

pki=$stored fetch_authorities
case ${1-} in
  follow) follow ;;
  add | sign | renew | drop | publish)
    hold authorities
    "$1"
    release
    ;;
  *) refuse 'add, sign, renew, drop, publish or follow' ;;
esac
publish_expiries
