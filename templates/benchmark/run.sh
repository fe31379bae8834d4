#!/bin/bash
# Holds this node against the CIS Kubernetes Benchmark: when it starts, and then once a day. The pod's log has every check that does not pass. Where METRICS_FILE is set, it gets the
# numbers of checks by outcome and which have failed, as node-exporter serves them, and is taken away at the end: what nobody measures any more must not look measured.
#
# BENCHMARK, TARGETS: as kube-bench takes them. NODE: the node's name. METRICS_FILE: a file of node-exporter's folder, or nothing.
set -u -o pipefail

day=86400
hour=3600

# Outcomes per section, and the checks that failed, out of lines such as "[FAIL] 4.1.1 Ensure that ... (Automated)"; all that no line speaks of is noughts.
metrics() {
  awk -v labels="benchmark=\"$BENCHMARK\",node=\"$NODE\"" '
    $1 ~ /^\[(PASS|WARN|FAIL)\]$/ && $2 ~ /^[0-9]+(\.[0-9]+)+$/ {
      split($2, part, "."); sections[part[1]]
      outcome = tolower(substr($1, 2, 4)); checks[part[1], outcome]++
      if (outcome == "fail") failed[$2]
    }
    END {
      print "# HELP kube_bench_checks Checks of the CIS Kubernetes Benchmark on this node by section and outcome."
      print "# TYPE kube_bench_checks gauge"
      count = split("pass warn fail", outcomes, " ")
      for (section in sections) for (i = 1; i <= count; i++) printf "kube_bench_checks{%s,section=\"%s\",outcome=\"%s\"} %d\n", labels, section, outcomes[i], checks[section, outcomes[i]]
      print "# HELP kube_bench_check_failed A check of the benchmark that failed on this node."
      print "# TYPE kube_bench_check_failed gauge"
      for (check in failed) printf "kube_bench_check_failed{%s,check=\"%s\"} 1\n", labels, check
    }'
}

# Written beside and moved, so that nobody reads half of it.
publish() {
  metrics <<< "$1" > "$METRICS_FILE.new" && mv "$METRICS_FILE.new" "$METRICS_FILE"
}

finish() {
  if [ -n "${METRICS_FILE:-}" ]; then rm -f "$METRICS_FILE" "$METRICS_FILE.new"; fi
  exit 0
}
trap finish TERM INT

while true; do
  pause=$day
  if found=$(kube-bench run --benchmark "$BENCHMARK" --targets "$TARGETS" --noremediations --nosummary --nototals) && grep -q '^\[PASS\]' <<< "$found"; then
    grep -E '^\[(WARN|FAIL)\]' <<< "$found"
    if [ -n "${METRICS_FILE:-}" ]; then publish "$found"; fi
  else
    echo "kube-bench gave no result; it is asked again in an hour" >&2
    pause=$hour
  fi
  # In the background, so that the signal that ends the pod is heard at once.
  sleep "$pause" &
  wait $!
done
