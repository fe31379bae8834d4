# shellcheck shell=bash disable=SC2034,SC2154
# The rendezvous on Azure: objects in a blob container, secrets in a Key Vault for each set, this node's identity from the metadata service.
# The functions are the same for every cloud; docs/nodes.md describes them.

container=$(fact .rendezvous.container)

# imds PATH: what the instance metadata service says.
imds() {
  request GET "$(endpoint imds http://169.254.169.254)/metadata/$1" <<< $'header = "Metadata: true"\nnoproxy = "*"' || return
  expect 200 "the metadata service knows no ${1%%\?*}" || return
  cat "$work/body"
}

# compute FILTER: something about this machine.
compute() { imds 'instance/compute?api-version=2021-02-01' | jq --raw-output "$1"; }

# The name that the cloud's controller knows the node by: that of the machine, in a scale set the one it has inside.
node_name() { compute '.osProfile.computerName | ascii_downcase'; }
node_address() { imds 'instance/network/interface/0/ipv4/ipAddress/0/privateIpAddress?api-version=2021-02-01&format=text'; }
provider_id() { compute '"azure://\(.resourceId)"'; }

# bearer RESOURCE: the managed identity's token for a service, as a line of curl's configuration.
bearer() {
  local file
  file=$work/token-$(printf '%s' "$1" | tr -c 'a-z\n' -)
  if [ -z "$(find "$file" -mmin -4 2> /dev/null)" ]; then
    imds "identity/oauth2/token?api-version=2018-02-01&resource=$1" > "$file.json" || return
    jq --raw-output '"header = \"authorization: Bearer \(.access_token)\""' "$file.json" > "$file"
  fi
  cat "$file"
}

# blob METHOD URL [FILE]: a request to the blob service. More headers come on stdin.
blob() {
  local method=$1 url=$2 file=${3-} own headers
  headers=$(cat)
  own=$(bearer https://storage.azure.com/) || return
  request "$method" "$url" "$file" < <(printf '%s\n%s\nheader = "x-ms-version: 2023-11-03"\n' "$own" "$headers")
}

# An endpoint of its own has accounts as the first part of the path: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
object_url() {
  local account=${container#https://} own
  own=$(endpoint blob '')
  if [ -n "$own" ]; then printf '%s/%s/%s/%s' "$own" "${account%%.*}" "${container#https://*/}" "$1"; else printf '%s/%s' "$container" "$1"; fi
}

# object_get KEY FILE: sets `etag`.
object_get() {
  blob GET "$(object_url "$1")" < /dev/null || return
  case $status in
    200) etag=$(header etag) && mv "$work/body" "$2" ;;
    404) return "$absent" ;;
    *) refused "reading $1" ;;
  esac
}

# put_object KEY FILE [HEADER]: where a blob exists already, `If-None-Match: *` is answered with 409. https://learn.microsoft.com/rest/api/storageservices/put-blob
put_object() {
  blob PUT "$(object_url "$1")" "$2" < <(
    printf 'header = "x-ms-blob-type: BlockBlob"\nheader = "content-type: %s"\nheader = "content-md5: %s"\n%s\n' "${content_type:-application/json}" "$(openssl dgst -md5 -binary "$2" | base64)" "${3-}"
  ) || return
  case $status in
    201) etag=$(header etag) ;;
    409 | 412) return "$lost" ;;
    *) refused "writing $1" ;;
  esac
}
object_put() { put_object "$1" "$2"; }
object_put_if_absent() { put_object "$1" "$2" 'header = "if-none-match: *"'; }
object_put_if_match() { put_object "$1" "$2" "header = \"if-match: ${3//\"/\\\"}\""; }

# object_list PREFIX: up to five thousand keys, in order.
object_list() {
  local url
  url=$(object_url '')
  blob GET "${url%/}?restype=container&comp=list&prefix=${1//\//%2F}" < /dev/null || return
  expect 200 "listing $1" || return
  { grep -o '<Name>[^<]*' "$work/body" || true; } | sed 's/<Name>//'
}

# issuer_put KEY FILE: into the public container of the service-account issuer, whose address it is.
issuer_put() {
  local issuer
  issuer=$(fact .issuer)
  container=${issuer%/} object_put "$1" "$2"
}

# vault METHOD SET/NAME [FILE]: a secret in the vault of its set. An endpoint of its own has vaults as the first part of the path.
vault() {
  local method=$1 set=${2%%/*} name=${2#*/} file=${3-} url own
  url=$(fact ".rendezvous.vaults[\"$set\"]")
  own=$(endpoint vault '')
  if [ -n "$own" ]; then url=${url#https://} && url=$own/${url%%.*}; fi
  own=$(bearer https://vault.azure.net) || return
  request "$method" "${url%/}/secrets/$name?api-version=7.4" "$file" < <(printf '%s\nheader = "content-type: application/json"\n' "$own")
}

# secret_get SET/NAME
secret_get() {
  vault GET "$1" || return
  case $status in
    200) jq --join-output .value "$work/body" && rm "$work/body" ;;
    404) return "$absent" ;;
    *) refused "reading the secret $1" ;;
  esac
}

# secret_put SET/NAME < VALUE
secret_put() {
  cat > "$work/value"
  jq --null-input --rawfile value "$work/value" '{value: $value}' > "$work/call"
  vault PUT "$1" "$work/call" || return
  rm "$work/value" "$work/call"
  expect 200 "writing the secret $1"
}

# secret_put_once SET/NAME < VALUE: `lost` when there is one. A vault has no conditional writes: who calls this holds a claim.
secret_put_once() {
  local code=0
  secret_get "$1" > /dev/null || code=$?
  case $code in
    0) return "$lost" ;;
    "$absent") secret_put "$1" ;;
    *) return "$code" ;;
  esac
}
