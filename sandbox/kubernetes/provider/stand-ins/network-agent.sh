#!/bin/sh
# The pod network of the stand-in for Cilium, on one node: takes a part of the cluster's pod network for the node, and leads what is for the pods of
# other nodes to them through a VXLAN. NODE_NAME and POD_NETWORK are given, CNI_FOLDER may be. It follows the nodes, and does nothing while none of them
# changes: a look every few seconds would cost a machine with many nodes its time. With "once" it takes one look.
set -eu

claims=sandbox-pod-networks
device=sandbox-vxlan
conflist=${CNI_FOLDER:-/etc/cni/net.d}/10-sandbox.conflist

# nodes: every node as NAME|POD NETWORK|ADDRESS.
nodes() {
  kubectl get nodes --output jsonpath='{range .items[*]}{.metadata.name}|{.spec.podCIDR}|{.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}'
}

# events: what happens to nodes, as EVENT|NAME|POD NETWORK|ADDRESS; begins with all that there are.
events() {
  kubectl get nodes --watch --output-watch-events --output jsonpath='{.type}|{.object.metadata.name}|{.object.spec.podCIDR}|{.object.status.addresses[?(@.type=="InternalIP")].address}{"\n"}'
}

# field NUMBER: of this node's line of what comes in.
field() {
  awk -F '|' -v name="$NODE_NAME" -v number="$1" '$1 == name { print $number }'
}

# free_network NODES CLAIMS: the first /24 of the pod network that neither a node has nor one that is there has claimed.
free_network() {
  { printf '%s\n' "$1" | cut -d '|' -f 2; printf '%s\n' "$2" | cut -d '|' -f 2; } | awk -v all="$POD_NETWORK" '
    { taken[$1] = 1 }
    END {
      split(all, parts, "/"); split(parts[1], bytes, ".")
      first = bytes[1] * 65536 + bytes[2] * 256 + bytes[3]
      # The awk of busybox has no powers.
      count = 1; for (bits = parts[2]; bits < 24; bits++) count *= 2
      for (number = first; number < first + count; number++) {
        network = int(number / 65536) "." int(number / 256) % 256 "." number % 256 ".0/24"
        if (!(network in taken)) { print network; exit }
      }
    }'
}

# claim NODES: writes down a network for this node, and leaves it in $network. Several nodes may want one at once: whose change the API server takes first has it, the others come again.
claim() {
  # shellcheck disable=SC2016 # the variables are the template's
  held=$(kubectl get configmap "$claims" --output go-template='{{ .metadata.resourceVersion }}{{ "\n" }}{{ range $name, $network := .data }}{{ $name }}|{{ $network }}{{ "\n" }}{{ end }}')
  version=$(printf '%s\n' "$held" | head -n 1)
  patch="{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"$version\"}"
  valid=''
  # What a node that is gone had claimed is free again.
  for line in $(printf '%s\n' "$held" | sed 1d); do
    if printf '%s\n' "$1" | cut -d '|' -f 1 | grep -qxF "${line%%|*}"; then valid="$valid$line
"; elif [ "${line%%|*}" != _all ]; then patch="$patch,{\"op\":\"remove\",\"path\":\"/data/${line%%|*}\"}"; fi
  done
  network=$(printf '%s' "$valid" | field 2)
  if [ -n "$network" ]; then return; fi
  network=$(free_network "$1" "$valid")
  if [ -z "$network" ]; then echo "every /24 of the pod network $POD_NETWORK is taken" >&2; exit 1; fi
  kubectl patch configmap "$claims" --type json --patch "[$patch,{\"op\":\"add\",\"path\":\"/data/$NODE_NAME\",\"value\":\"$network\"}]"
}

# mac ADDRESS: the address of a node's VXLAN device, the same wherever it is worked out.
mac() {
  echo "$1" | awk -F . '{ printf "02:53:%02x:%02x:%02x:%02x\n", $1, $2, $3, $4 }'
}

# write_cni NETWORK: what the container runtime reads, whole or not at all, and for root alone, as Cilium writes its own.
write_cni() {
  bridge="{\"type\":\"bridge\",\"bridge\":\"sandbox-pods\",\"isGateway\":true,\"hairpinMode\":true,\"mtu\":1450,\"ipam\":{\"type\":\"host-local\",\"ranges\":[[{\"subnet\":\"$1\"}]],\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}"
  rm -f "$conflist.new"
  (umask 077 && printf '{"cniVersion":"1.0.0","name":"sandbox","plugins":[%s,{"type":"portmap","capabilities":{"portMappings":true}}]}\n' "$bridge" > "$conflist.new")
  if cmp -s "$conflist.new" "$conflist"; then rm "$conflist.new"; else mv "$conflist.new" "$conflist"; fi
}

# make_device NETWORK ADDRESS
make_device() {
  if ! ip link show "$device" > /dev/null 2>&1; then ip link add "$device" type vxlan id 8472 dstport 8472 local "$2" nolearning; fi
  ip link set "$device" address "$(mac "$2")" mtu 1450 up
  ip address replace "${1%/*}/32" dev "$device"
}

# lead_to_others NODES: one route, one forwarding entry and one neighbour for each other node; those of nodes that are gone are taken away.
lead_to_others() {
  wanted=''
  while IFS='|' read -r name network address; do
    if [ "$name" = "$NODE_NAME" ] || [ -z "$network" ] || [ -z "$address" ]; then continue; fi
    wanted="$wanted $network $(mac "$address")"
    ip neighbor replace "${network%/*}" lladdr "$(mac "$address")" dev "$device" nud permanent
    bridge fdb replace "$(mac "$address")" dev "$device" dst "$address" self permanent
    ip route replace "$network" via "${network%/*}" dev "$device" onlink
  done <<END
$1
END
  for network in $(ip route show dev "$device" | awk '$2 == "via" { print $1 }'); do
    case "$wanted " in *" $network "*) ;; *) ip route delete "$network" dev "$device"; ip neighbor delete "${network%/*}" dev "$device" || true ;; esac
  done
  for known in $(bridge fdb show dev "$device" | awk '/ dst / { print $1 }'); do
    case "$wanted " in *" $known "*) ;; *) bridge fdb delete "$known" dev "$device" ;; esac
  done
}

# fence_pods: outside the pod network their addresses mean nothing, and the metadata service is not for them, as the cluster's policy for Cilium says.
fence_pods() {
  if nft list table ip sandbox-network > /dev/null 2>&1; then return; fi
  nft "add table ip sandbox-network; add chain ip sandbox-network postrouting { type nat hook postrouting priority srcnat; }; add rule ip sandbox-network postrouting ip saddr $POD_NETWORK ip daddr != $POD_NETWORK masquerade; add chain ip sandbox-network forward { type filter hook forward priority filter; }; add rule ip sandbox-network forward ip saddr $POD_NETWORK ip daddr 169.254.169.254 drop"
}

# settle NODES: brings this node to what the nodes ask for. Can be repeated.
settle() {
  own_address=$(printf '%s\n' "$1" | field 3)
  if [ -z "$own_address" ]; then echo "the node $NODE_NAME has no InternalIP yet" >&2; exit 1; fi
  own=$(printf '%s\n' "$1" | field 2)
  if [ -z "$own" ]; then
    claim "$1"
    own=$network
    kubectl patch node "$NODE_NAME" --patch "{\"spec\":{\"podCIDR\":\"$own\",\"podCIDRs\":[\"$own\"]}}"
  fi
  make_device "$own" "$own_address"
  lead_to_others "$1"
  fence_pods
  write_cni "$own"
}

# settle_at_last NODES: tries again, with the nodes as they are then, such as after another node's claim was first; not all nodes at the same moment.
settle_at_last() {
  asked=$1
  until sh "$0" settle "$asked"; do
    sleep "0.$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')"
    asked=$(nodes | sort)
  done
}

# follow: settles now and with each change, until the API server ends the watch.
follow() {
  events | {
    # The watch has begun with its first line: whatever goes after this list, it tells.
    read -r _ || exit 1
    all=$(nodes | sort)
    settle_at_last "$all"
    while IFS='|' read -r event name network address; do
      now=$({ printf '%s\n' "$all" | awk -F '|' -v name="$name" '$1 != name'; if [ "$event" != DELETED ]; then printf '%s|%s|%s\n' "$name" "$network" "$address"; fi; } | sort)
      if [ "$now" = "$all" ]; then continue; fi
      all=$now
      settle_at_last "$all"
    done
  }
}

case ${1:-} in
  once) settle "$(nodes)" ;;
  settle) settle "$2" ;;
  # While the API server is away, everything stays as it is.
  *) while true; do follow || echo 'the API server tells of no nodes, it is asked again in 2 s' >&2; sleep 2; done ;;
esac
