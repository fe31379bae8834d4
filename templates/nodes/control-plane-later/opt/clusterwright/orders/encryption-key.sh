#!/bin/bash
# A step of giving etcd's contents a new key, while the cluster runs. On one control plane, for all of them:
#   encryption-key.sh add KEY       there is a key of this name
#   encryption-key.sh first KEY     it is the one to write with; all have to read with it
#   encryption-key.sh rewrite KEY   every Secret is written with it; all have to write with it
#   encryption-key.sh only KEY      there is no other any more
# and between those, on each: `follow KEY among|first|only` ends when the node's API server goes by that.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

step=${1-} key=${2-} place=${3-}
file=$root/etc/kubernetes/clusterwright/encryption.yaml

# has: the keys that the secret store has, a line each; the first key ever has no name there.
has() { { secret_get "$encryption_key" && echo; } | sed -E '/^$/d; /:/! s/^/key1:/' > "$work/has"; }

# put_keys: puts $work/keys, unless that is what is there. A list without the key, whatever has gone wrong, is none.
put_keys() {
  if ! grep --quiet "^$key:" "$work/keys"; then log "there is no key $key" && exit 1; fi
  if ! cmp --silent "$work/keys" "$work/has"; then secret_put "$encryption_key" < "$work/keys"; fi
}

# in_place: whether the key stands in the node's file where it is to stand.
in_place() {
  local names
  names=$(encryption_keys)
  case $place in
    among) grep --quiet --line-regexp "$key" <<< "$names" ;;
    first) [ "${names%%$'\n'*}" = "$key" ] ;;
    only) [ "$names" = "$key" ] ;;
    *) log 'among, first or only' && exit 2 ;;
  esac
}

# follow: the API server looks every minute, and tells the digest of the file that it goes by.
follow() {
  local digest
  while [ "$SECONDS" -lt 480 ]; do
    if ! in_place; then encryption_configuration; fi
    digest=$(sha256sum "$file" | cut -d ' ' -f 1)
    if in_place && here get --raw /metrics > "$work/metrics" && grep --quiet "^apiserver_encryption_config_controller_last_config_info{.*hash=\"sha256:$digest\"} 1" "$work/metrics"; then return; fi
    sleep "${CLUSTERWRIGHT_VERDICT_SECONDS:-2}"
  done
  log 'the API server does not go by its encryption configuration; its log says why' && exit 1
}

# stale NAMESPACE: how many of its Secrets etcd holds that are not encrypted with the key. Each value comes in a line, with whatever is no text escaped.
stale() { etcdctl get "/registry/secrets/$1/" --prefix --write-out fields | sed -n '/^"Value" : /p' | sed "/^\"Value\" : \"k8s:enc:secretbox:v1:$key:/d" | wc --lines; }

# rewrite: a Secret that has changed or gone meanwhile cannot be replaced, and need not be: whoever wrote it wrote with the key.
rewrite() {
  local namespace left
  etcdctl get /registry/secrets/ --prefix --keys-only > "$work/secrets"
  cut -d / -f 4 "$work/secrets" | sed '/^$/d' | sort --unique > "$work/namespaces"
  while IFS= read -r namespace <&3; do
    for _ in {1..10}; do
      left=$(stale "$namespace")
      if [ "$left" -eq 0 ]; then continue 2; fi
      admin get secrets --namespace "$namespace" --output json | admin replace --filename - > /dev/null 2> "$work/refused" || sleep "${CLUSTERWRIGHT_VERDICT_SECONDS:-2}"
    done
    tail -n 3 "$work/refused" >&2
    log "not all Secrets of the namespace $namespace can be written anew" && exit 1
  done 3< "$work/namespaces"
}

if [ "$step" = follow ]; then follow && exit; fi
hold encryption-key
has
case $step in
  add)
    cp "$work/has" "$work/keys"
    if ! grep --quiet "^$key:" "$work/has"; then printf '%s:%s\n' "$key" "$(openssl rand -base64 32)" >> "$work/keys"; fi
    put_keys
    ;;
  first) sed -n "/^$key:/p" "$work/has" > "$work/keys" && sed "/^$key:/d" "$work/has" >> "$work/keys" && put_keys ;;
  only) sed -n "/^$key:/p" "$work/has" > "$work/keys" && put_keys ;;
  rewrite) rewrite ;;
  *) log 'add, first, rewrite, only or follow' && exit 2 ;;
esac
release
