#!/bin/bash
# Compares files and settings of this control plane with its baseline, and changes nothing. Prints how many it has looked at, and what is different: checksums and settings, no contents.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"
# shellcheck source=../lib/baseline.sh
. "$library/baseline.sh"
lasting_deviations > "$work/deviations"
jq --raw-input --null-input --argjson checked "$(covered "$baseline" | cat - "$baseline/settings" | wc -l)" '{checked: $checked, differences: [inputs | split("\t") | {kind: .[0], name: .[1], expected: .[2], seen: .[3]} | with_entries(if .value == "-" then .value = null else . end)]}' "$work/deviations"
