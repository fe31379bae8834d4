#!/bin/bash
# Tries a restore: restore-drill.sh KEY brings the snapshot back beside the cluster, as an etcd and an API server that only this machine reaches, and looks through what they have. Then all of it goes, and so
# does what a drill has left that was cut off. Nothing else runs there: controllers would act on the load balancers, volumes and machines of the cluster itself. Prints what it has found, and the
# seconds that each step took; whether that is as it should be is for the service to say.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

key=${1%.db.gz}
folder=$state/drill
inside=${folder#"$root"}
etcd=https://127.0.0.1:12379 peer=https://127.0.0.1:12380 port=16443
most_seconds=600

containers() { ctr --namespace k8s.io "$@"; }
clear_away() {
  local one
  for one in $(containers containers list --quiet | grep '^drill-'); do
    containers tasks delete --force "$one" > /dev/null 2>&1 || true
    containers containers delete "$one" >&2
  done
  rm -rf "$folder" "$state/restore-drill"
}
trap 'clear_away || true; leave' EXIT

# flags NAME FLAG…: what a static pod says of these, a line each.
flags() {
  local name=$1 IFS='|'
  shift
  sed -En "s/^ *- (--($*)=.*)/\1/p" "$manifests/$name.yaml"
}

# beside NAME PROGRAM ARGUMENT…: runs what the static pod runs, in a container that sees the network of the machine, and takes no more than half of the memory that nobody needs.
beside() {
  local name=$1 memory
  shift
  memory=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  containers run --detach --net-host --memory-limit $((memory * 512)) --log-uri "file://$folder/$name.log" --mount "type=bind,src=$root/etc/kubernetes,dst=/etc/kubernetes,options=rbind:ro" \
    --mount "type=bind,src=$folder,dst=$inside,options=rbind:rw" "$(image "$name")" "drill-$name" "$@" >&2
}

# answers NAME COMMAND…: waits until the command succeeds. What the container has said last is why it does not.
answers() {
  local name=$1 until=$((SECONDS + most_seconds))
  shift
  until "$@" > /dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ] || [[ ! $(containers tasks list) =~ drill-$name\ +[0-9]+\ +RUNNING ]]; then
      tail -n 3 "$folder/$name.log" | cut -c 1-400 >&2
      log "$name does not come up with what the snapshot has" && exit 1
    fi
    sleep 0.5
  done
}

moments=("$(date +%s.%N)")
passed() { moments+=("$(date +%s.%N)"); }
drilled() { admin --server "https://127.0.0.1:$port" "$@"; }
described() { jq --raw-output "$1 // empty" "$work/description"; }

clear_away
mkdir "$folder"
# What is packed, what is unpacked and what is made of it. Half of what is free stays for everybody else.
size=$(du --summarize --block-size 1M "$data/member" | cut -f 1)
free=$(df --output=avail --block-size 1M "$state" | tail -n 1)
if [ $((6 * size)) -gt "$free" ]; then log "a drill takes up to $((3 * size)) MiB, and $free MiB are free: half of them have to stay" && exit 1; fi
describe_snapshot "$key"
restore_data "$key" "$(image etcd)" drill "$peer" "$node=$peer" "$folder"
passed

mapfile -t words < <(flags etcd {,peer-}{cert-file,key-file,trusted-ca-file,client-cert-auth})
# Nobody needs these data again: nothing waits for the disk.
beside etcd etcd --name "$node" --data-dir "$inside/restoring" --listen-client-urls "$etcd" --advertise-client-urls "$etcd" --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --unsafe-no-fsync "${words[@]}"
answers etcd etcdctl_at "$etcd" get health
# What has a time to live goes on ending here: counted is what there was at the very revision.
revision=$(described .revision)
if [ -n "$revision" ]; then revision=$((revision + revision_jump)); else revision=0; fi
objects=$(keys_at "$etcd" /registry/ "$revision")
held=$(keys_at "$etcd" /registry/secrets/ "$revision")
passed

mapfile -t words < <(flags kube-apiserver etcd-cafile etcd-certfile etcd-keyfile encryption-provider-config client-ca-file tls-cert-file tls-private-key-file tls-min-version tls-cipher-suites \
  service-account-issuer service-account-key-file service-account-signing-key-file service-cluster-ip-range)
# It asks no webhook: those of the cluster are not meant.
beside kube-apiserver kube-apiserver --etcd-servers "$etcd" --bind-address 127.0.0.1 --secure-port "$port" --advertise-address "$(node_address)" --authorization-mode RBAC --anonymous-auth=false --profiling=false \
  --endpoint-reconciler-type none --disable-admission-plugins MutatingAdmissionWebhook,ValidatingAdmissionWebhook "${words[@]}"
# With Secrets that it cannot read it is never ready, and why they cannot be read is what is to be known.
answers kube-apiserver drilled get namespace kube-system
passed

# Listing them takes reading each of them with the keys that etcd's contents are encrypted with.
read=null refusal=''
if drilled get secrets --all-namespaces --output name > "$work/secrets" 2> "$work/refused"; then read=$(wc --lines < "$work/secrets"); else refusal=$(tail -n 1 "$work/refused" | cut -c 1-400); fi
canary=unknown
if [ -n "$(described .canary)" ]; then
  canary=missing
  if drilled get secret clusterwright-canary --namespace kube-system --output json | jq --raw-output --exit-status --arg node "$(described .canary.node)" '.data[$node] | values' > "$work/word"; then
    if [ "$(base64 --decode "$work/word" | sha256sum | cut -d ' ' -f 1)" = "$(described .canary.sha256)" ]; then canary=whole; else canary=other; fi
  fi
fi
passed

printf '%s\n' "${moments[@]}" | jq --slurp --argjson expected "$(jq '.objects // null' "$work/description")" --argjson objects "$objects" --argjson held "$held" --argjson read "$read" --arg refusal "$refusal" --arg canary "$canary" \
  'def took($from): (.[$from + 1] - .[$from]) * 10 | round / 10; {seconds: {restore: took(0), etcd: took(1), apiServer: took(2), checks: took(3)}, objects: {expected: $expected, found: $objects}, secrets: {expected: $held, found: $read, refusal: (if $refusal == "" then null else $refusal end)}, canary: $canary}'
