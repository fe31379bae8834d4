# shellcheck shell=bash disable=SC2034,SC2154
# The cluster's authorities. While they are made anew two of each are trusted: a file NAME.crt has both certificates, NAME.key both keys in the same order, and kubeadm signs with the first. The claim `initialiser`
# names the CAs, first the one that signs for kubelets. docs/nodes.md has the steps in a table. Read after publish.sh.
authorities='ca front-proxy-ca etcd/ca'
signing_patch=$root/etc/kubernetes/patches/kube-controller-manager0+json.json

# What the secret store has, as files, for those who fetch it there.
stored=$work/stored

# take NAME…: puts stored files in the place of this node's own, each whole or not at all; private keys are for root alone.
take() {
  local name
  for name; do
    install --mode "$(case $name in *.key) echo 0600 ;; *) echo 0644 ;; esac)" "$stored/$name" "$pki/$name.new"
    mv "$pki/$name.new" "$pki/$name"
  done
}

# pick NUMBER FILE: one of the PEM blocks of a file, or nothing.
pick() { awk -v number="$1" '/-----BEGIN / { at++ } at == number' "$2"; }

# several FILE: whether it has more than one certificate.
several() { [ -n "$(pick 2 "$1")" ]; }

# begins FILE NUMBER: since when one of its certificates is good, in seconds.
begins() { date --date "$(pick "$2" "$1" | openssl x509 -noout -startdate | cut -d = -f 2)" +%s; }

# newer FILE: the number of the newest of its certificates.
newer() { if several "$1" && [ "$(begins "$1" 2)" -gt "$(begins "$1" 1)" ]; then echo 2; else echo 1; fi; }

# publish_authorities: those that are not there. Once they are, orders/authorities.sh alone changes them: a control plane that has not followed yet must not take that back.
publish_authorities() {
  local pair file code
  for pair in $authorities sa; do
    code=0 file=$pki/$pair.crt
    if [ "$pair" = sa ]; then file=$pki/sa.pub; fi
    secret_get "control-plane/${pair/\//-}" > "$work/pair" || code=$?
    rm -f "$work/pair"
    case $code in
      0) ;;
      "$absent") cat "$file" "$pki/$pair.key" | secret_put "control-plane/${pair/\//-}" ;;
      *) return "$code" ;;
    esac
  done
}

# keys_in_step DOCUMENT: whether the API server that has told what is in $work/document goes by as many keys for tokens as there are. While they change, one that has not followed yet takes nothing back.
in_step=keys_in_step
keys_in_step() { [ "$1" != openid/v1/jwks ] || [ "$(jq '.keys | length' "$work/document")" = "$(secret_get control-plane/sa | grep --count -- '-----BEGIN PUBLIC KEY-----')" ]; }

# lay_signer FINGERPRINT: lays ready which CA the controller manager signs with. It takes a file with one certificate only:
# https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/controller/certificates/signer/ca_provider.go
lay_signer() {
  local number=1 kind
  if [ "$(fingerprint "$pki/ca.crt")" != "$1" ]; then number=2; fi
  for kind in key crt; do pick "$number" "$pki/ca.$kind" > "$pki/signer.$kind.new" && mv "$pki/signer.$kind.new" "$pki/signer.$kind"; done
}

# before_kubeadm FINGERPRINT, after_kubeadm: a control plane that comes to be while two are trusted. kubeadm would have the controller manager sign with the file of both.
before_kubeadm() {
  if ! several "$pki/ca.crt"; then return; fi
  lay_signer "$1"
  printf '[%s, %s]\n' \
    '{"op": "add", "path": "/spec/containers/0/command/-", "value": "--cluster-signing-cert-file=/etc/kubernetes/pki/signer.crt"}' \
    '{"op": "add", "path": "/spec/containers/0/command/-", "value": "--cluster-signing-key-file=/etc/kubernetes/pki/signer.key"}' > "$signing_patch"
}
after_kubeadm() {
  trust_all
  rm -f "$signing_patch"
}

# trust_all: has the kubeconfigs of this node trust all CAs; kubeadm writes the first one only into them.
trust_all() {
  local file all
  all=$(base64 --wrap 0 < "$pki/ca.crt")
  for file in "$root"/etc/kubernetes/*.conf; do
    if [ -e "$file" ]; then sed --in-place "s|\(certificate-authority-data: \).*|\1$all|" "$file"; fi
  done
}
