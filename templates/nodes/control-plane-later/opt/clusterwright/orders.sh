#!/bin/bash
# Does what the service orders of this control plane, one order after the other: the scripts of orders/ and nothing else. What an order comes to is kept on the disk before it is answered, so that
# none that is done is done again; one that is cut off is begun again.
# shellcheck disable=SC2154 source=lib/task.sh
. "$(dirname "$(readlink -f "$0")")/lib/task.sh"

order=rendezvous/orders/$node.json
answer=$state/answer.json
most_seconds=7200

# carry_out: does the order that was read, and keeps the answer.
carry_out() {
  local id task script message='' result=null code=0 words
  id=$(jq --raw-output .id "$work/order")
  task=$(jq --raw-output .task "$work/order")
  mapfile -t words < <(jq --raw-output '.arguments[]' "$work/order")
  script=$library/../orders/$task.sh
  log "order $id: $task ${words[*]}"
  if [[ ! $task =~ ^[a-z-]+$ ]] || [ ! -x "$script" ]; then
    code=1 message='this control plane knows no such order'
  else
    # No `set -e` inside a condition: the script has its own.
    timeout "$most_seconds" "$script" "${words[@]}" > "$work/result" 2> "$work/log" || code=$?
    without_secrets < "$work/log" | tee "$work/told" >&2
    if [ "$code" -eq 0 ] && [ -s "$work/result" ]; then result=$(jq --compact-output . "$work/result" 2> "$work/told") || code=1 result=null; fi
    if [ "$code" -ne 0 ]; then message=$(grep -v '^\s*$' "$work/told" | tail -n 5); fi
  fi
  jq --null-input --arg id "$id" --argjson code "$code" --arg at "$(date --utc +%FT%TZ)" --arg message "$message" --argjson result "$result" \
    '{id: $id, state: (if $code == 0 then "done" else "failed" end), at: $at, result: $result, message: (if $code == 0 then null else $message end)}' > "$answer.new" || return
  rm -f "$answer.told"
  mv "$answer.new" "$answer"
}

# look: one look at the order of this node.
look() {
  object_get "$order" "$work/order" || return
  # The file that this node has put there itself.
  if [ "$(jq --raw-output '.id // empty' "$work/order")" = '' ]; then return; fi
  # A machine has the name of the one that it took the place of, and that one's orders are not for it.
  if [ ! -e "$answer" ] && object_get "rendezvous/answers/$node.json" "$work/answered"; then cp "$work/answered" "$answer.new" && mv "$answer.new" "$answer" && touch "$answer.told"; fi
  if [ ! -e "$answer" ] || [ "$(jq --raw-output .id "$answer")" != "$(jq --raw-output .id "$work/order")" ]; then carry_out; fi
  if [ ! -e "$answer.told" ]; then object_put "rendezvous/answers/$node.json" "$answer" && touch "$answer.told"; fi
}

# This begins when the node has joined, and then at each start of the machine.
# shellcheck source=lib/baseline.sh
. "$library/baseline.sh"
if [ ! -d "$baseline" ]; then record_baseline; fi

# Without an object there, each look would be three requests.
echo '{}' > "$work/none"
object_put_if_absent "$order" "$work/none" || [ $? -eq "$lost" ]
if [ "${1-}" = once ]; then look && exit; fi
while true; do
  look || log 'the orders could not be read'
  sleep "${CLUSTERWRIGHT_ORDER_SECONDS:-5}"
done
