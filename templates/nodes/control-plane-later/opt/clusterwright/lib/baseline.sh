# shellcheck shell=bash disable=SC2154
# What the files and settings of this control plane were when it had joined: copies of the files below $baseline, by their paths. Whoever changes one of them on purpose, an upgrade for
# instance, records the baseline anew. Who is root here can change both, so it tells of hands and mistakes, not of an intruder who knows it. Read after task.sh.
baseline=$state/baseline

# covered ROOT: the files that are compared, without ROOT. Not what tasks of this node write anew: certificates, keys of encryption, pipelines.
covered() (
  shopt -s nullglob globstar
  for file in "$1"/etc/kubernetes/{manifests/*,clusterwright/{admission,audit-policy}.yaml} "$1"/var/lib/kubelet/{config.yaml,kubeadm-flags.env} \
    "$1"/etc/systemd/system/kubelet.service.d/*.conf "$1/etc/sysctl.d/90-clusterwright.conf" "$1"/opt/clusterwright/**; do
    if [ -f "$file" ]; then printf '%s\n' "${file#"$1"}"; fi
  done
)

# record_baseline: takes things as they are for what they should be. A setting counts that is what the file says; an image may have others.
record_baseline() {
  local name value
  rm -rf "$baseline.new"
  mkdir "$baseline.new"
  covered "$root" | sed 's|^/||' | (cd "$root/" && xargs --delimiter '\n' cp --parents --preserve=mode,ownership --target-directory "$baseline.new")
  while IFS='= ' read -r name value; do
    if [ "$(setting "$name")" = "$value" ]; then printf '%s %s\n' "$name" "$value"; fi
  done < <(grep '^[a-z]' "$root/etc/sysctl.d/90-clusterwright.conf") > "$baseline.new/settings"
  rm -rf "$baseline"
  mv "$baseline.new" "$baseline"
}

# record_anew FILE…: takes files of the baseline as they are now, where an upgrade has changed them. What else is other than it was is told as before.
record_anew() {
  local name
  for name; do
    if [ -e "$baseline$name" ]; then
      cp --preserve=mode,ownership "$root$name" "$state/recorded"
      mv "$state/recorded" "$baseline$name"
    fi
  done
}

setting() { sysctl --values "$1" 2> /dev/null | tr '\t' ' ' || true; }

# digest FILE: its SHA-256, or `-` where it is not there.
digest() { if [ -f "$1" ]; then sha256sum < "$1" | cut -c 1-64; else printf '%s' -; fi; }

# live FILE: where it is. A task that restarts a static pod has its manifest aside for that time.
live() {
  local moved=$aside/${1##*/}
  if [ ! -e "$root$1" ] && [ "${1%/*}" = /etc/kubernetes/manifests ] && [ -e "$moved" ]; then printf '%s' "$moved"; else printf '%s' "$root$1"; fi
}

# deviations: what is other than in the baseline, one a line: `file` or `setting`, name, what it was, what it is.
deviations() {
  local name was is
  while IFS= read -r name; do
    was=$(digest "$baseline$name")
    is=$(digest "$(live "$name")")
    if [ "$was" != "$is" ]; then printf 'file\t%s\t%s\t%s\n' "$name" "$was" "$is"; fi
  done < <(sort --unique <(covered "$root") <(covered "$baseline"))
  while read -r name was; do
    is=$(setting "$name")
    if [ "$was" != "$is" ]; then printf 'setting\t%s\t%s\t%s\n' "$name" "$was" "${is:--}"; fi
  done < "$baseline/settings"
}

# lasting_deviations: those that two looks see. A manifest is nowhere for a moment when a task puts it back.
lasting_deviations() {
  deviations > "$work/first"
  if [ ! -s "$work/first" ]; then return; fi
  sleep 1
  deviations | grep --fixed-strings --line-regexp --file "$work/first" || true
}
