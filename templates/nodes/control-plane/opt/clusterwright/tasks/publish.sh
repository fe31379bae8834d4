#!/bin/bash
# Renews what ends of itself within a day, keeps the issuer's documents in step with the API server, and this node's encryption configuration with the
# secret store. It runs on every control plane; what is done once for the cluster, one of them does.
# shellcheck source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

encryption_configuration
if due access 21600; then publish_all || { not_done access; exit 1; }; fi
if due issuer 300; then publish_issuer; fi
