#!/bin/bash
# endpoint-hosts.sh init|joining|joined: what the endpoint's name stands for on this control plane.
#
# Azure's internal load balancer sends nothing back to the machine that it came from, so a control plane that asks for the endpoint and is sent to itself
# waits in vain: https://learn.microsoft.com/azure/load-balancer/load-balancer-troubleshoot-backend-traffic. Once its own API server is there, or is just about
# to be the first of all, the name therefore stands for the machine itself; while it joins, it needs the others. AWS has no such script: there the load
# balancer sends under its own address (client-IP preservation off).
# shellcheck source=image.sh
. "${BASH_SOURCE[0]%/*}/image.sh"

hosts=$root/etc/hosts
mark='# clusterwright: endpoint'

without_entry() { grep --invert-match --fixed-strings "$mark" "$hosts" || true; }

# In place: the file may be mounted, and is read all the time.
write_hosts() {
  local content
  content=$(cat)
  if [ "$content" != "$(cat "$hosts")" ]; then printf '%s\n' "$content" > "$hosts"; fi
}

case ${1-} in
  init | joined) { without_entry && printf '127.0.0.1 %s %s\n' "$(fact .endpoint)" "$mark"; } | write_hosts ;;
  joining) without_entry | write_hosts ;;
  *) fail "usage: ${0##*/} init|joining|joined" ;;
esac
