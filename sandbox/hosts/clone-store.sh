#!/bin/bash
# clone-store.sh STORE FOLDER: gives a host the images of a store. Blobs and unpacked layers are never written in place, so they are shared by links; the two
# databases are the host's own. Both lie on one file system.
set -euo pipefail
mkdir --parents "$2"
cp --archive --link --no-target-directory "$1" "$2"
find "$2" -name '*.db' -exec sh -c 'cp --archive "$1" "$1.own" && mv "$1.own" "$1"' sh {} \;
