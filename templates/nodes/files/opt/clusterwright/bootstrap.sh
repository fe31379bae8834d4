#!/bin/bash
# shellcheck disable=SC2031,SC2154
# Makes this machine a node of its cluster. It can be cut off anywhere and run again; a node recognises by its disk how far it came.
here=$(dirname "$(readlink -f "$0")")
# The library needs jq, which small images lack.
if ! command -v jq > /dev/null; then "$here/host.sh"; fi
# shellcheck source=lib/rendezvous.sh
. "$here/lib/rendezvous.sh"

# The systemd unit starts the script again after this exit; it is no failure of the node.
readonly superseded=75

# What ends with the script: the work at hand, and the claims it keeps.
child=''
leave() {
  if [ -n "$child" ]; then kill -TERM -- "-$child" 2> /dev/null || true; fi
  stop_beating
  rm -rf "$work"
}
trap leave EXIT
trap 'exit "$superseded"' TERM

# fail MESSAGE: tells it, and lets another node have the claim.
fail() {
  step failed "$1"
  release
  exit 1
}

# attempt TIMES WHAT COMMAND…: tries several times; what fails for good is told with its last lines. The command has a process group of its own, so
# that it ends with the script.
attempt() {
  local times=$1 what=$2 count code
  shift 2
  for ((count = 1; ; count++)); do
    set -m
    ("$@" 2>&1 | without_secrets | tee "$work/log" >&2) &
    child=$!
    set +m
    code=0
    wait "$child" || code=$?
    child=''
    case $code in
      0) return ;;
      "$superseded") exit "$superseded" ;;
    esac
    if [ "$count" -ge "$times" ]; then fail "$what: $(grep -v '^\s*$' "$work/log" | tail -n 5)"; fi
    back_off $((count + 1))
  done
}

# await COMMAND…: until it succeeds. What is not there yet may take its time; what is refused is told after ten minutes, for clouds may take as long
# to let new rights take hold.
await() {
  local code refused_since=''
  while true; do
    code=0
    "$@" 2> "$work/refusal" || code=$?
    case $code in
      0) return ;;
      "$absent") refused_since='' ;;
      *)
        refused_since=${refused_since:-$SECONDS}
        if [ $((SECONDS - refused_since)) -ge "${CLUSTERWRIGHT_PATIENCE_SECONDS:-600}" ]; then fail "$(tail -n 5 "$work/refusal")"; fi
        ;;
    esac
    sleep "$((beat / 2)).$((RANDOM % 900 + 100))"
  done
}

# own_script NAME [ARGUMENT]: a script of this folder, where this role has it.
own_script() { if [ -x "$here/$1.sh" ]; then "$here/$1.sh" "${@:2}"; fi; }

# fetch_archive: unpacks what the user data had no room for, where there is such a thing. It is what the program has put there, or nothing.
fetch_archive() {
  local key
  key=$(fact .archive.key)
  if [ -z "$key" ]; then return; fi
  object_get "$key" "$work/archive" || return
  if ! sha256sum --check --status <<< "$(fact .archive.sha256)  $work/archive"; then
    log "$key is not what it was"
    return 1
  fi
  tar --extract --directory "$root/" --file "$work/archive"
}

prepare() {
  await fetch_archive
  attempt 3 'the host could not be set up' own_script host
  attempt 2 'the disk of etcd could not be mounted' own_script etcd-disk
  attempt 3 'containerd did not start' own_script container-runtime
  attempt 3 'the packages of Kubernetes could not be installed' own_script kubernetes-packages
}

# clean: undoes what an earlier attempt left half done.
clean() {
  rm -f "$state/initialised"
  if [ -e "$root/etc/kubernetes/kubelet.conf" ] || compgen -G "$root/etc/kubernetes/manifests/*.yaml" > /dev/null; then
    kubeadm reset --force
    rm -rf "$root/var/lib/etcd/member"
  fi
  rm -rf "$pki"
}

# discovery: what kubeadm finds the cluster with: its CA, its address, and a token.
discovery() {
  local authority address access
  authority=$(secret_get join/ca)
  address=$(secret_get join/endpoint)
  access=$(secret_get join/token)
  # In any order: see model/rendezvous.ts.
  AUTHORITIES=$(LC_ALL=C sort <<< "$authority" | sha256sum | cut -c 1-16)
  cat > "$root/etc/clusterwright/discovery.conf" <<END
apiVersion: v1
kind: Config
clusters: [{name: cluster, cluster: {server: "https://$address", certificate-authority-data: $(printf '%s\n' "$authority" | base64 --wrap 0)}}]
users: [{name: node, user: {token: $access}}]
contexts: [{name: node, context: {cluster: cluster, user: node}}]
current-context: node
END
}

# kubeadm_with COMMAND FILE [ARGUMENT…]: runs kubeadm with one of the configurations, filled in.
kubeadm_with() {
  # shellcheck disable=SC2034 # read by their names
  local NODE_NAME=$node NODE_ADDRESS=$address PROVIDER_ID=$provider AUTHORITIES=${AUTHORITIES-}
  fill "$root/etc/clusterwright/kubeadm/$2.yaml" "$run/$2.yaml" NODE_NAME NODE_ADDRESS PROVIDER_ID AUTHORITIES
  # shellcheck disable=SC2086 # a command may be several words
  kubeadm $1 --config "$run/$2.yaml" "${@:3}"
}

# finish: from here on the node knows itself.
finish() {
  touch "$state/joined"
  own_script endpoint-hosts joined
  own_script file-modes
  systemctl enable --now --no-block "${units[@]}"
  step joined
}

await node_name > "$work/name"
node=$(cat "$work/name")
address=$(node_address)
provider=$(provider_id)
role=$(fact .role)
# shellcheck source=/dev/null
. "$here/lib/$role.sh"

if [ -e "$state/joined" ]; then
  finish
  exit
fi
step booted
prepare
step packages
if [ "$role" = control-plane ]; then
  become_control_plane
else
  await secret_get join/token > /dev/null
  step kubeadm
  attempt 5 'kubeadm could not join the cluster' join_worker
fi
finish
