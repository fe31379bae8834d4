# shellcheck shell=bash disable=SC2154
# What control planes publish for each other, for workers, for the provisioner and for the cloud's token service.

# admin ARGUMENT…: kubectl with the rights of this control plane.
admin() { kubectl --kubeconfig "$root/etc/kubernetes/admin.conf" --request-timeout 30s "$@"; }

# held: whether this node still holds the claim to start the cluster. What was so five seconds ago is: nobody takes a claim over that fast.
held() {
  if [ $((SECONDS - ${held_at:--9})) -lt 5 ]; then return; fi
  claim_read initialiser || return
  if [ "$holder" != "$token" ]; then return "$superseded"; fi
  held_at=$SECONDS
}

# publish_all [CONDITION]: everything; before each secret the condition has to hold.
publish_all() {
  local condition=${1-true}
  publish_authorities
  publish_access
  publish_issuer
  touch "$state/published"
}

# put SET/NAME < VALUE: unless that is what it is already, which a node that publishes for the first time need not ask.
put() {
  cat > "$work/put"
  "${condition-true}" || return
  if [ ! -e "$state/published" ] || ! secret_get "$1" > "$work/current" 2> /dev/null || ! cmp --silent "$work/put" "$work/current"; then secret_put "$1" < "$work/put" || return; fi
  rm -f "$work/put" "$work/current"
}

# The CAs and the key of the service accounts, each with its certificate or public key.
publish_authorities() {
  local pair
  for pair in ca front-proxy-ca etcd/ca; do cat "$pki/$pair.crt" "$pki/$pair.key" | put "control-plane/${pair/\//-}"; done
  cat "$pki/sa.pub" "$pki/sa.key" | put control-plane/sa
}

# fetch_authorities: the other way round. kubeadm makes what is missing from them.
fetch_authorities() {
  local pair
  mkdir -p "$pki/etcd"
  for pair in ca front-proxy-ca etcd/ca sa; do
    secret_get "control-plane/${pair/\//-}" > "$work/pair"
    sed -n '/BEGIN .*PRIVATE KEY/,/END .*PRIVATE KEY/p' "$work/pair" > "$pki/$pair.key"
    case $pair in
      sa) sed -n '/BEGIN PUBLIC KEY/,/END PUBLIC KEY/p' "$work/pair" > "$pki/sa.pub" ;;
      *) sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$work/pair" > "$pki/$pair.crt" ;;
    esac
  done
  rm "$work/pair"
}

# encryption_configuration: with the keys that all control planes share, one a line, the one to write with first: the first key ever, or NAME:KEY. That one is
# made once: what etcd holds cannot be read with another. The API server reads the file again when it changes.
encryption_key=control-plane/encryption-key
encryption_configuration() {
  local code=0 file=$root/etc/kubernetes/clusterwright/encryption.yaml line name key
  # Of two at once the later one has read later.
  exec 8> "$run/encryption.lock" && flock 8
  openssl rand -base64 32 | tr -d '\n' | secret_put_once "$encryption_key" || code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne "$lost" ]; then return "$code"; fi
  secret_get "$encryption_key" > "$work/keys"
  while IFS= read -r line; do
    # shellcheck disable=SC2016 # it is the text that is looked for
    if [[ $line != *'${ENCRYPTION_KEY}'* ]]; then printf '%s\n' "$line" && continue; fi
    while IFS=: read -r name key || [ -n "$name" ]; do
      if [ -z "$key" ]; then key=$name name=key1; fi
      line_of_key "$line"
    done < "$work/keys"
  done < "$root/etc/clusterwright/encryption.yaml" > "$work/encryption"
  if ! cmp --silent "$work/encryption" "$file"; then cp "$work/encryption" "$file.new" && mv "$file.new" "$file"; fi
  rm "$work/keys" "$work/encryption"
  exec 8>&-
}
line_of_key() {
  # shellcheck disable=SC2016
  local line=${1/'${ENCRYPTION_KEY}'/"$key"}
  printf '%s\n' "${line/name: key1/"name: $name"}"
}

# publish_access: what ends of itself after a day, and what goes with it.
publish_access() {
  local address name=clusterwright:provisioners
  address=$(fact .endpoint):$(fact .port)
  if ! admin get clusterrolebinding "$name" > /dev/null 2>&1; then admin create clusterrolebinding "$name" --clusterrole cluster-admin --group "$name" > /dev/null; fi
  put provisioner/ca < "$pki/ca.crt"
  printf '%s' "$address" | put provisioner/endpoint
  provisioner_client | put provisioner/client
  put join/ca < "$pki/ca.crt"
  printf '%s' "$address" | put join/endpoint
  kubeadm token create --kubeconfig "$root/etc/kubernetes/admin.conf" --ttl 24h --description 'nodes that join' | tr -d '\n' | put join/token
}

# provisioner_client: a client certificate for the provisioner. kubeadm knows no such certificate; the API is asked for none, so that nobody but a holder
# of the CA can have one.
provisioner_client() {
  client_certificate "$pki/ca" '/O=clusterwright:provisioners/CN=clusterwright:provisioner'
  jq --null-input --rawfile certificate "$work/client.crt" --rawfile key "$work/client.key" --arg until "$(date --utc --date "$(openssl x509 -in "$work/client.crt" -noout -enddate | cut -d = -f 2)" +%FT%TZ)" \
    '{certificate: $certificate, key: $key, notAfter: $until}'
  rm "$work"/client.*
}

# client_certificate AUTHORITY SUBJECT: makes $work/client.crt and client.key, for a day.
client_certificate() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/client.key"
  openssl req -new -key "$work/client.key" -subj "$2" -out "$work/client.csr"
  printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' > "$work/client.ext"
  openssl x509 -req -in "$work/client.csr" -CA "$1.crt" -CAkey "$1.key" -set_serial "0x$(openssl rand -hex 16)" -days 1 -sha256 -extfile "$work/client.ext" -out "$work/client.crt" 2> /dev/null
}

# publish_issuer: what the API server says about its tokens, for those who check them outside the cluster.
publish_issuer() {
  local document
  if [ -z "$(fact .issuer)" ]; then return; fi
  for document in .well-known/openid-configuration openid/v1/jwks; do
    admin get --raw "/$document" > "$work/document"
    if "${in_step-true}" "$document" && ! cmp --silent "$work/document" "$state/issuer-${document##*/}"; then
      issuer_put "$document" "$work/document"
      mv "$work/document" "$state/issuer-${document##*/}"
    fi
  done
}
