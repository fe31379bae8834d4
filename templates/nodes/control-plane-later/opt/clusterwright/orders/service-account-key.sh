#!/bin/bash
# A step of giving service accounts' tokens a new key, while the cluster runs. On one control plane, for all:
#   service-account-key.sh add       there is a new key beside the old, which signs
#   service-account-key.sh sign      the new one signs, and nobody has the old private key any more; all have to trust both
#   service-account-key.sh drop      the old one is gone
#   service-account-key.sh publish   the issuer's documents have the keys that are trusted
#   service-account-key.sh tokens    prints the Secrets, as NAMESPACE/NAME, with a token by another key than the one that signs
# and after each of the first three, on one after the other: `follow` makes the node what the secret store says, and prints how far that is, and since when the node signs with its key. A file sa.pub has both public keys, the one
# that signs first; how many private ones there are tells how far it is, so that every step can be done again.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

add() {
  if several "$stored/sa.pub"; then return; fi
  # As long as kubeadm makes them here, and of the kind that Entra takes: kubeadm/init.yaml.
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "$work/new.key"
  openssl pkey -in "$work/new.key" -pubout -out "$work/new.pub"
  cat "$stored/sa.pub" "$work/new.pub" "$stored/sa.key" "$work/new.key" | secret_put control-plane/sa
}

sign() {
  if ! several "$stored/sa.pub"; then refuse 'there is no new key'; fi
  if several "$stored/sa.key"; then { pick 2 "$stored/sa.pub" && pick 1 "$stored/sa.pub" && pick 2 "$stored/sa.key"; } | secret_put control-plane/sa; fi
}

drop() {
  if several "$stored/sa.key"; then refuse 'the old key signs still'; fi
  if several "$stored/sa.pub"; then { pick 1 "$stored/sa.pub" && cat "$stored/sa.key"; } | secret_put control-plane/sa; fi
}

publish() {
  rm -f "$state"/issuer-*
  publish_issuer
  if [ -n "$(fact .issuer)" ] && [ ! -e "$state/issuer-jwks" ]; then refuse 'the API server goes by other keys than the secret store has'; fi
}

# tokens: a token says by which key it is, by the digest that the API server has for that.
tokens() {
  local key
  key=$(openssl pkey -in "$stored/sa.key" -pubout -outform DER | openssl dgst -sha256 -binary | base64 --wrap 0 | tr '+/' '-_' | tr --delete '=')
  admin get secrets --all-namespaces --field-selector type=kubernetes.io/service-account-token --output json | jq --compact-output --arg key "$key" \
    'def header: split(".")[0] | gsub("-"; "+") | gsub("_"; "/") | . + "==="[:(4 - length % 4) % 4] | @base64d | fromjson; [.items[] | select(.data.token) | select((.data.token | @base64d | header | .kid) != $key) | "\(.metadata.namespace)/\(.metadata.name)"]'
}

same_keys() { cmp --silent "$stored/sa.pub" "$pki/sa.pub" && cmp --silent "$stored/sa.key" "$pki/sa.key"; }

# take_keys: API server and controller manager begin with them; the others serve meanwhile. From when this node signs with its key the file's time tells.
take_keys() {
  spare_member following-key
  hold certificates
  touch "$state/following-key"
  take sa.key sa.pub
  stop_pod kube-apiserver kube-controller-manager
  start_pod kube-apiserver kube-controller-manager
  until ready; do sleep 2; done
  touch "$pki/sa.key"
  rm "$state/following-key"
  release
}

follow() {
  local stage=alone
  if [ -e "$state/following-key" ] || ! same_keys; then take_keys; fi
  if several "$stored/sa.pub"; then stage=signs; fi
  if several "$stored/sa.key"; then stage=trusted; fi
  jq --null-input --compact-output --arg stage "$stage" --arg since "$(date --utc --reference "$pki/sa.key" +%FT%TZ)" '{stage: $stage, since: $since}'
}

pki=$stored fetch_authorities
case ${1-} in
  follow | tokens) "$1" ;;
  add | sign | drop | publish)
    hold service-account-key
    "$1"
    release
    ;;
  *) refuse 'add, sign, drop, publish, tokens or follow' ;;
esac
