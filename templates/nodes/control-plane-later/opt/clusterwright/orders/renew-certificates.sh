#!/bin/bash
# Renews all certificates of this control plane, whenever they end, and with `access` what the provisioner and new nodes come in with. Prints when each ends then.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

spare_member renewing
"$library/../tasks/certificates.sh" now >&2
until etcdctl endpoint health --cluster > /dev/null 2>&1; do sleep 2; done
if [ "${1-}" = access ]; then publish_all >&2; fi
publish_expiries
certificate_ends
