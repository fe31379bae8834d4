#!/bin/sh
# Runs redis-server with the configuration file $1 and ends it when stdin closes: however the service ends, its Redis goes too.
# The first line on stdout is the server's pid.
exec 3<&0
redis-server "$1" >>"$2" 2>&1 3<&- &
server=$!
echo "$server"
trap 'kill -TERM "$server" 2>/dev/null' TERM INT HUP
(
  cat >/dev/null
  kill -TERM "$server" 2>/dev/null
) <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&- >/dev/null
while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
kill "$watcher" 2>/dev/null
exit "${code:-0}"
