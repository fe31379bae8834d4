# shellcheck shell=bash disable=SC2154
# Stands in for a cloud: the private store is a folder.
store=/var/lib/store
node_name() { printf 'ip-10-20-0-16.eu-west-1.compute.internal'; }
node_address() { printf '10.20.0.16'; }
object_get() { if [ -e "$store/$1" ]; then cp "$store/$1" "$2"; else return "$absent"; fi; }
object_put() { mkdir -p "$(dirname "$store/$1")" && cp "$2" "$store/$1"; }
