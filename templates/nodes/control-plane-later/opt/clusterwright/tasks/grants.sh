#!/bin/bash
# Takes temporary access away whose time has passed, whether the service that gave it is there or not. What says no time that can be read has passed. A binding is named by its grant, so
# that the one which is deleted is the one that was read.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

here get clusterrolebindings,rolebindings --all-namespaces --selector clusterwright.io/grant --output json |
  jq --raw-output --arg now "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" '.items[] | (.metadata.annotations["clusterwright.io/until"] // "") as $until | select(($until | test("^[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z$") | not) or $until <= $now) | "\(.kind) \(.metadata.name) \(.metadata.namespace // "")"' > "$work/past"
while read -r kind name namespace; do
  # Another control plane may have been here first.
  here delete "$kind" "$name" ${namespace:+--namespace "$namespace"} --ignore-not-found
  log "the time of $name has passed${namespace:+ in $namespace}"
done < "$work/past"
