#!/bin/bash
# Keeps the pipelines that this machine's API server lets in in step with those of the spec, which the platform has put into the cluster. What the file has of Entra
# and the probes stays as the machine was made with it. A file that the API server does not take is put back, for with one that is wrong it would not start again; a
# minute later it is tried anew.
# shellcheck disable=SC2154 source=../lib/task.sh
. "$(dirname "$(readlink -f "$0")")/../lib/task.sh"

file=$root/etc/kubernetes/clusterwright/authentication.yaml
mark='  # pipelines.sh writes what follows'
# The file that the API server has taken last, while it has not said what it makes of the new one.
taken=$file.taken

# reloads STATUS: how often the API server has read the file anew, with success or failure. It says nothing of what has not been yet.
reloads() {
  here get --raw /metrics > "$work/metrics" || return
  sed -n "s/^apiserver_authentication_config_controller_automatic_reloads_total{.*status=\"$1\".*} //p" "$work/metrics" | grep . || echo 0
}

# Cut off the last time.
if [ -e "$taken" ]; then mv "$taken" "$file"; fi

here get configmap pipelines --namespace clusterwright-access --ignore-not-found --output 'jsonpath={.data.pipelines\.json}' > "$work/pipelines"
sed "/^$mark/,\$d" "$file" > "$work/authentication"
if [ -s "$work/pipelines" ]; then
  printf '%s\n' "$mark" >> "$work/authentication"
  jq --raw-output --from-file "${0%.sh}.jq" "$work/pipelines" >> "$work/authentication"
fi
if cmp --silent "$work/authentication" "$file"; then exit; fi

successes=$(reloads success) failures=$(reloads failure)
cp "$file" "$taken"
cp "$work/authentication" "$file.new" && mv "$file.new" "$file"
# It looks every minute, if nothing tells it of the change before, and then waits a minute for every issuer to answer.
for _ in {1..90}; do
  sleep "${CLUSTERWRIGHT_VERDICT_SECONDS:-2}"
  now=$(reloads failure) || continue
  if [ "$now" -gt "$failures" ]; then
    mv "$taken" "$file"
    log 'the API server does not take the pipelines, and those from before stay until it does; its log says why: an issuer that does not answer is enough'
    exit 1
  fi
  now=$(reloads success) || continue
  if [ "$now" -gt "$successes" ]; then
    rm "$taken"
    log 'the API server has taken the pipelines'
    exit
  fi
done
mv "$taken" "$file"
log 'the API server does not say whether it takes the pipelines: those from before stay'
exit 1
