#!/bin/bash
# store.sh FOLDER LAYERS PROGRAMS RELEASE: fills a store of containerd with the images of a control plane, made of the programs that lie in PROGRAMS/<name>: what
# a registry would send, without one. LAYERS is a root file system with containerd, as overlayfs takes it. Hosts get the store by links, not by copies.
set -euo pipefail
target=$1 layers=$2 programs=$3 release=$4
work=$(mktemp --directory)
system=$work/system
leave() {
  if [ -n "${daemon-}" ]; then kill "$daemon" 2> /dev/null && wait "$daemon" || true; fi
  umount --lazy "$system/var/lib/containerd" "$system/proc" "$system" 2> /dev/null || true
  rm --recursive --force "$work"
}
trap leave EXIT

# image REFERENCE ENTRYPOINT FILES: an archive of one image, as `docker save` writes it, whose only layer is the folder FILES.
image() {
  local reference=$1 entrypoint=$2 files=$3 layer
  rm --recursive --force "$work/image"
  mkdir "$work/image"
  tar --create --file "$work/image/layer.tar" --directory "$files" --owner 0 --group 0 --sort name --mtime @0 .
  layer=$(sha256sum "$work/image/layer.tar" | cut -d ' ' -f 1)
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["%s"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"1970-01-01T00:00:00Z"}],"created":"1970-01-01T00:00:00Z"}' \
    "$(dpkg --print-architecture)" "$entrypoint" "$layer" > "$work/image/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$reference" > "$work/image/manifest.json"
  tar --create --file "$work/image.tar" --directory "$work/image" manifest.json config.json layer.tar
  chroot "$system" ctr --namespace k8s.io images import --local --all-platforms=false /tmp/work/image.tar > /dev/null
  echo "imported $reference"
}

# with_libraries ROOT PROGRAM FILES: copies a program of a root file system with all that the loader wants for it.
with_libraries() {
  local file
  for file in "$2" $(chroot "$1" ldd "$2" | grep --only-matching '/[^ ]*'); do
    mkdir --parents "$3${file%/*}"
    cp --dereference "$1$file" "$3$file"
  done
}

mkdir "$system" "$work"/{upper,overlay}
mkdir --parents "$target"
mount -t overlay -o "lowerdir=$layers,upperdir=$work/upper,workdir=$work/overlay" overlay "$system"
mkdir --parents "$system"/{var/lib/containerd,tmp/work,proc}
mount --bind "$target" "$system/var/lib/containerd"
mount -t proc proc "$system/proc"
mount --bind "$work" "$system/tmp/work"
chroot "$system" containerd --log-level error &
daemon=$!
until chroot "$system" ctr version > /dev/null 2>&1; do kill -0 "$daemon" && sleep 0.2; done

# The names under which kubeadm of this release asks for them.
while read -r reference; do
  files=$work/files
  rm --recursive --force "$files"
  mkdir --parents "$files/usr/local/bin" "$files/tmp" "$files/etc"
  name=${reference##*/} name=${name%%:*}
  case $name in
    kube-*) cp "$programs/$name" "$files/usr/local/bin/" ;;
    etcd) cp "$programs"/etcd{,ctl,utl} "$files/usr/local/bin/" ;;
    coredns) cp "$programs/coredns" "$files/" ;;
    pause) mkdir "$files/bin" && cp "$system/bin/busybox" "$files/bin/" && ln --symbolic busybox "$files/bin/sh" && install --mode 0755 "${0%/*}/pause" "$files/pause" ;;
  esac
  case $name in
    kube-proxy)
      for program in /usr/sbin/nft /usr/sbin/conntrack; do with_libraries "$system" "$program" "$files"; done
      # Without it nft tells protocols by their numbers: kube-proxy would take the elements that it finds for strange ones, and delete them.
      cp "$system/etc/protocols" "$files/etc/"
      entrypoint=/usr/local/bin/kube-proxy
      ;;
    coredns | pause) entrypoint=/$name ;;
    *) entrypoint=/usr/local/bin/$name ;;
  esac
  image "$reference" "$entrypoint" "$files"
done < <("$programs/kubeadm" config images list --kubernetes-version "v$release" 2> /dev/null)

# A shell for pods that try something out.
rm --recursive --force "$files"
mkdir --parents "$files"/{bin,tmp}
cp "$system/bin/busybox" "$files/bin/"
for name in $("$system/bin/busybox" --list | grep --invert-match --line-regexp busybox); do ln --symbolic --force busybox "$files/bin/$name"; done
image docker.io/library/busybox:1.35 /bin/sh "$files"

# What stands in for a pod network, and tries networks out: a shell that knows addresses, filters, HTTP and the cluster. That of busybox would take its own ip before any other.
rm "$files"/bin/{ip,sh}
ln --symbolic ../usr/bin/dash "$files/bin/sh"
for program in /usr/bin/{curl,dash,ip} /usr/sbin/{bridge,nft}; do with_libraries "$system" "$program" "$files"; done
mkdir --parents "$files/usr/local/bin"
cp "$programs/kubectl" "$files/usr/local/bin/"
image sandbox.clusterwright.io/network:1 /bin/sh "$files"

kill "$daemon"
wait "$daemon" || true
daemon=''
