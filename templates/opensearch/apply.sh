#!/bin/bash
# Brings OpenSearch what of its settings lies in it and in no file: who may do what, how logs are laid down, and how long they stay. Run after each installation and upgrade; it sets everything
# anew, so it may run again at any time.
#
# SETTINGS: folder with the files. CERTIFICATE: folder with the administrator's certificate. OPENSEARCH: host name.
set -eu -o pipefail

# Who may do what: all files of the security plugin at once. It waits until nodes have found each other, and until they have taken it over.
/usr/share/opensearch/plugins/opensearch-security/tools/securityadmin.sh \
  -icl -cd "$SETTINGS/" -h "$OPENSEARCH" -cacert "$CERTIFICATE/ca.crt" -cert "$CERTIFICATE/tls.crt" -key "$CERTIFICATE/tls.key"

# A request; its answer goes to standard output, and one that is an error ends the script with what it says.
ask() {
  curl --silent --show-error --fail-with-body --max-time 60 --cacert "$CERTIFICATE/ca.crt" --cert "$CERTIFICATE/tls.crt" --key "$CERTIFICATE/tls.key" \
    --header 'Content-Type: application/json' --request "$1" "https://$OPENSEARCH:9200/$2" "${@:3}"
}

ask PUT _index_template/logs --data "@$SETTINGS/index-template.json"

# A policy is changed by whoever says which one it was read as; the first has none to say.
policy=_plugins/_ism/policies/logs
was=$(ask GET "$policy" 2>/dev/null | sed -n 's/.*"_seq_no":\([0-9]*\),"_primary_term":\([0-9]*\).*/?if_seq_no=\1\&if_primary_term=\2/p' || true)
ask PUT "$policy$was" --data "@$SETTINGS/retention.json"

# It holds for indices that come. Those that are there keep the one that they began with until they are told.
if [ -n "$(ask GET '_cat/indices/logs-*?h=index')" ]; then
  ask POST '_plugins/_ism/change_policy/logs-*' --data '{"policy_id": "logs"}'
fi
