# shellcheck shell=bash disable=SC2034,SC2154
# How a cluster whose control planes are all gone comes back on a new machine. Read by joining.sh; whoever does it holds the claim `join`, and the others join it then.
# shellcheck source=snapshot.sh
. "$here/lib/snapshot.sh"

# restoration_due: whether the service wants the cluster back from a snapshot, nobody has done it, and no control plane lives. Sets `restoration`, its id, and `snapshot`, the key.
restoration_due() {
  local peer
  object_get rendezvous/restoration.json "$work/restoration" || return 1
  restoration=$(jq --raw-output '.id // empty' "$work/restoration")
  snapshot=$(jq --raw-output '.from // empty' "$work/restoration")
  if [ -z "$restoration" ]; then return 1; fi
  claim_read restoration || return 1
  if [ "$(jq --raw-output .authority <<< "${claim:-null}")" = "$restoration" ]; then return 1; fi
  # Whatever it is that answers at the endpoint, it is an API server.
  if curl --silent --max-time 5 --noproxy '*' --cacert "$pki/ca.crt" --output "$work/answer" "https://$(fact .endpoint):$(fact .port)/livez"; then return 1; fi
  object_get "$snapshot.json" "$work/description" || return 1
  while IFS= read -r peer; do
    if [ "$peer" != "$address" ] && timeout 3 bash -c "< /dev/tcp/$peer/2379" 2> /dev/null; then
      log "etcd runs at $peer: nothing is restored beside it"
      return 1
    fi
  done < <(jq --raw-output '.members[].peer' "$work/description" | sed -E 's|https://(.*):[0-9]+|\1|')
}

# restore_cluster: starts the cluster with the data of the snapshot, this machine being the only member of etcd, and with the authorities and keys that it always had: what it has signed is good, and
# so are workers and tokens. What etcd's disk held until now is put aside.
restore_cluster() {
  local image aside until ignored=(--ignore-preflight-errors DirAvailable--var-lib-etcd)
  touch "$work/joining"
  log "the cluster comes back from $snapshot"
  own_script endpoint-hosts init
  # It fetches the images.
  kubeadm_with 'init phase preflight' init "${ignored[@]}"
  image=$(kubeadm_with 'config images list' init | grep '/etcd:')
  describe_snapshot "$snapshot"
  restore_data "$snapshot" "$image" "$restoration" "https://$address:2380" "$node=https://$address:2380" "$data"
  aside=$data/member-before-$restoration
  if [ -e "$data/member" ] && [ ! -e "$aside" ]; then
    rm -rf "$data"/member-before-*
    mv "$data/member" "$aside"
  fi
  rm -rf "$data/member"
  mv "$data/restoring/member" "$data/member"
  rm -r "$data/restoring"
  before_kubeadm "${authority%% *}"
  kubeadm_with init init "${ignored[@]}"
  after_kubeadm
  # A node never changes its machine, and those of the others are gone as well. A kubelet registers only when it starts.
  admin delete nodes --selector node-role.kubernetes.io/control-plane
  systemctl restart kubelet
  until=$((SECONDS + 120))
  until admin get node "$node" > /dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ]; then log 'the kubelet does not register' && return 1; fi
    sleep 1
  done
  kubeadm_with 'init phase upload-config kubelet' init
  kubeadm_with 'init phase mark-control-plane' init
  publish_all
  until claim_read restoration && [ "$(jq --raw-output .authority <<< "${claim:-null}")" = "$restoration" ]; do
    claim_write restoration published null "$restoration" || [ $? -eq "$lost" ]
  done
  # From here on it must know itself whenever it boots: the way of a node that has not joined begins with an empty disk.
  touch "$state/joined"
}
