#!/bin/sh
# guard.sh SECONDS COMMAND...
#
# Runs the operation COMMAND so that nothing of it outlives the worker, the worker's lease or the operation itself.
#
# The worker starts this as the leader of a session and process group of its own, and holds the other end of standard input. When the
# worker dies, however it dies, that pipe closes and the whole session is killed: the operation, the engine, and the engine's plugins,
# which the engine puts into process groups of their own but not into another session. The same happens when the operation has ended.
#
# A worker that is stopped neither dies nor renews its lease, so every renewal comes as a byte through that pipe: after SECONDS without
# one the session is killed too, well before another worker may take the job over.

# Kills every process of this session, this one last. Without /proc (not Linux) only the own group can be told.
end_session() {
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    pid=${line%% *}
    # Behind the command in parentheses, which may hold anything: state, parent, group, session.
    set -- ${line##*) }
    if [ "${4:-}" = "$$" ] && [ "$pid" != "$$" ] && [ "${3:-}" != "$$" ]; then kill -KILL "$pid" 2>/dev/null; fi
  done
  kill -KILL "-$$"
}

# Ends with the worker's end of the pipe, or with its silence. `timeout` is what ends a silence; where it is missing only the end counts.
await_end() {
  if command -v timeout >/dev/null; then
    while [ -n "$(timeout "$patience" head -c 1 <&4)" ]; do :; done
  else
    cat <&4 >/dev/null
  fi
}

patience=$1
shift
exec 4<&0 </dev/null

# Operations step back behind the API and the worker, which have to answer while they run. Where Linux shares the processor out by session,
# niceness counts within a session only, and the session's own stands in this file.
{ echo 10 >"/proc/$$/autogroup"; } 2>/dev/null
# File descriptor 3 is the operation's channel to the worker: only the operation may keep it open, so that its end is seen.
# The worker itself has stepped back by 5: to 10 in all.
nice -n 5 "$@" 4<&- &
operation=$!
exec 3>&-

{ await_end; end_session; } &
exec 4<&-

wait "$operation"
status=$?
if [ "$status" -ne 0 ]; then echo "the operation process ended with status $status" >&2; fi
end_session
