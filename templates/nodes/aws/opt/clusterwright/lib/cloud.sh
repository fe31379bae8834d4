# shellcheck shell=bash disable=SC2034,SC2154
# The rendezvous on AWS: objects in S3, secrets in Systems Manager's parameter store, this node's identity from the metadata service.
# The functions are the same for every cloud; docs/nodes.md describes them.

region=$(fact .region)
bucket=$(fact .rendezvous.bucket)

# imds PATH: what the instance metadata service says, by its version 2.
imds() {
  local base
  base=$(endpoint imds http://169.254.169.254)
  request PUT "$base/latest/api/token" <<< $'header = "x-aws-ec2-metadata-token-ttl-seconds: 60"\nnoproxy = "*"' || return
  expect 200 'the metadata service gave no token' || return
  request GET "$base/latest/$1" < <(printf 'header = "x-aws-ec2-metadata-token: %s"\nnoproxy = "*"\n' "$(cat "$work/body")") || return
  expect 200 "the metadata service knows no $1" || return
  cat "$work/body"
}

# The name that the cloud's controller knows the node by.
node_name() { imds meta-data/local-hostname; }
node_address() { imds meta-data/local-ipv4; }
provider_id() { printf 'aws:///%s/%s' "$(imds meta-data/placement/availability-zone)" "$(imds meta-data/instance-id)"; }

# The role's credentials as lines of curl's configuration. The metadata service renews them at least five minutes before their end.
credentials() {
  local file=$work/credentials role
  if [ -z "$(find "$file" -mmin -4 2> /dev/null)" ]; then
    role=$(imds meta-data/iam/security-credentials/) || return
    imds "meta-data/iam/security-credentials/$role" > "$file.json" || return
    jq --raw-output '"user = \"\(.AccessKeyId):\(.SecretAccessKey)\"", "header = \"x-amz-security-token: \(.Token)\""' "$file.json" > "$file"
  fi
  cat "$file"
}

# signed SERVICE METHOD URL [FILE]: a request with Signature Version 4, which curl makes. More headers come on stdin.
signed() {
  local service=$1 method=$2 url=$3 file=${4-} own headers digest
  headers=$(cat)
  own=$(credentials) || return
  digest=$(sha256sum < "${file:-/dev/null}")
  request "$method" "$url" "$file" < <(printf '%s\n%s\naws-sigv4 = "aws:amz:%s:%s"\nheader = "x-amz-content-sha256: %s"\n' "$own" "$headers" "$region" "$service" "${digest%% *}")
}

object_url() { printf '%s/%s/%s' "$(endpoint s3 "https://s3.$region.amazonaws.com")" "$bucket" "$1"; }

# object_get KEY FILE: sets `etag`. To who may list below a prefix only, S3 answers 403 for what is not there: then the list tells, and once more the
# reading, for it may have come in between.
object_get() {
  local attempt listed
  for attempt in 1 2; do
    signed s3 GET "$(object_url "$1")" < /dev/null || return
    case $status in
      # With its status, for in a trap a bare return has that of what came before.
      200) etag=$(header etag) && mv "$work/body" "$2" && return 0 ;;
      404) return "$absent" ;;
      403) mv "$work/body" "$work/denied" && listed=$(object_list "$1" 2> /dev/null) && if [ -z "$listed" ]; then return "$absent"; fi ;;
    esac
  done
  if [ "$status" = 403 ]; then mv "$work/denied" "$work/body"; fi
  refused "reading $1"
}

# put_object KEY FILE [HEADER]: 409 is another conditional write at the same moment. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
put_object() {
  signed s3 PUT "$(object_url "$1")" "$2" <<< "header = \"content-type: ${content_type:-application/json}\""$'\n'"${3-}" || return
  case $status in
    200) etag=$(header etag) ;;
    409 | 412) return "$lost" ;;
    *) refused "writing $1" ;;
  esac
}
object_put() { put_object "$1" "$2"; }
object_put_if_absent() { put_object "$1" "$2" 'header = "if-none-match: *"'; }
object_put_if_match() { put_object "$1" "$2" "header = \"if-match: ${3//\"/\\\"}\""; }

# object_list PREFIX: up to a thousand keys, in order.
object_list() {
  signed s3 GET "$(object_url '')?list-type=2&prefix=${1//\//%2F}" < /dev/null || return
  expect 200 "listing $1" || return
  { grep -o '<Key>[^<]*' "$work/body" || true; } | sed 's/<Key>//'
}

# issuer_put KEY FILE: into the public bucket of the service-account issuer, whose name is the first part of its address.
issuer_put() {
  local host
  host=$(fact .issuer)
  host=${host#https://}
  bucket=${host%%.*} object_put "$1" "$2"
}

# ssm OPERATION FILE: calls the parameter store.
ssm() {
  signed ssm POST "$(endpoint ssm "https://ssm.$region.amazonaws.com")/" "$2" <<< "header = \"x-amz-target: AmazonSSM.$1\""$'\n''header = "content-type: application/x-amz-json-1.1"'
}

# secret_get SET/NAME
secret_get() {
  jq --null-input --arg name "$(fact .rendezvous.parameterPrefix)/$1" '{Name: $name, WithDecryption: true}' > "$work/call"
  ssm GetParameter "$work/call" || return
  case $status in
    200) jq --join-output .Parameter.Value "$work/body" && rm "$work/body" ;;
    *) if grep -q ParameterNotFound "$work/body"; then return "$absent"; else refused "reading the secret $1"; fi ;;
  esac
}

# secret_put SET/NAME < VALUE: what has more than 4 KB becomes an advanced parameter.
secret_put() { put_secret "$1" true; }

# secret_put_once SET/NAME < VALUE: `lost` when there is one.
secret_put_once() { put_secret "$1" false; }

put_secret() {
  cat > "$work/value"
  jq --null-input --arg name "$(fact .rendezvous.parameterPrefix)/$1" --arg key "$(fact .rendezvous.key)" --rawfile value "$work/value" --argjson overwrite "$2" \
    '{Name: $name, Value: $value, Type: "SecureString", KeyId: $key, Tier: "Intelligent-Tiering", Overwrite: $overwrite}' > "$work/call"
  ssm PutParameter "$work/call" || return
  rm "$work/value" "$work/call"
  case $status in
    200) ;;
    *) if grep -q ParameterAlreadyExists "$work/body"; then return "$lost"; else refused "writing the secret $1"; fi ;;
  esac
}
