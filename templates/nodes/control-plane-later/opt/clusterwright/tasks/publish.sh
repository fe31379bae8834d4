#!/bin/bash
# Renews what ends of itself within a day, tells when what this node has ends, keeps the issuer's documents in step with the API server, and this node's encryption configuration with the
# secret store. It runs on every control plane; what is done once for the cluster, one of them does.
# shellcheck disable=SC2034 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

encryption_configuration
if due access 21600; then
  task=access
  publish_all
  task=''
fi
if due issuer 300; then publish_issuer; fi
publish_expiries
