#!/bin/bash
# Approves the serving certificates that kubelets ask for: those that the node itself asked for, with its own name, and with addresses that are its own
# and no other node's. All else is left to wait, and told.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

# objection REQUEST: why a request is not approved; nothing when it is.
objection() {
  local user name subject text names
  user=$(jq --raw-output .spec.username <<< "$1")
  name=${user#system:node:}
  if [ "$user" = "$name" ] || ! jq --exit-status '.spec.groups | index("system:nodes")' <<< "$1" > /dev/null; then echo 'no node asked for it' && return; fi
  if ! jq --exit-status '.spec.usages | index("server auth") and (. - ["digital signature", "key encipherment", "server auth"] == [])' <<< "$1" > /dev/null; then echo 'it is for more than serving' && return; fi
  jq --raw-output .spec.request <<< "$1" | base64 -d > "$work/request.pem"
  subject=$(openssl req -in "$work/request.pem" -noout -subject -nameopt RFC2253)
  if [ "$subject" != "subject=CN=$user,O=system:nodes" ]; then echo "its $subject is not the node's" && return; fi
  text=$(openssl req -in "$work/request.pem" -noout -text)
  names=$(sed -n '/Subject Alternative Name/{n;s/^ *//;s/, /\n/g;p}' <<< "$text")
  if [ -z "$names" ]; then echo 'it names no address' && return; fi
  while read -r one; do
    case $one in
      "DNS:$name") ;;
      'IP Address:'*)
        if [ "$(jq --raw-output --arg address "${one#*:}" '[.items[] | select(.status.addresses // [] | any(.type == "InternalIP" and .address == $address)) | .metadata.name] | join(" ")' "$work/nodes")" != "$name" ]; then
          echo "$one is not the node's alone" && return
        fi
        ;;
      *) echo "$one is not the node's" && return ;;
    esac
  done <<< "$names"
}

approve_pending() {
  local request name why
  admin get certificatesigningrequests --output json > "$work/requests"
  admin get nodes --output json > "$work/nodes"
  jq --compact-output '.items[] | select(.spec.signerName == "kubernetes.io/kubelet-serving" and (.status.conditions // [] | length) == 0)' "$work/requests" | while read -r request; do
    name=$(jq --raw-output .metadata.name <<< "$request")
    why=$(objection "$request")
    if [ -z "$why" ]; then admin certificate approve "$name"; else log "$name waits: $why"; fi
  done
}

if [ "${1-}" = once ]; then approve_pending && exit; fi
while approve_pending; do sleep 15; done
