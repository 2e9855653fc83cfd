# An etcd for this document alone: on Unix sockets, without a port, without peers. Of data that it may change.
. /etc/holdfast/member
export AWS_DEFAULT_REGION=$REGION ETCDCTL_API=3
work=$(mktemp -d /var/tmp/holdfast-XXXXXXXX)
socket=/run/holdfast-$$.sock own=
clean() {
  # Waited for, so that the shell does not say at its end which process was killed.
  [[ -z $own ]] || { kill -9 "$own" && wait "$own"; } 2>/dev/null || true
  rm -rf "$work" "$socket"*
}
trap clean EXIT
# Ends with the code that says that the data is at fault, and not this host (FAULTY_DATA in usecases/members/host-job.ts).
faulty() {
  echo "$*" >&2
  exit 65
}
# Ends if a program failed because it was out of space; these are its words. A full disk has no room for its log.
enough_space() {
  local free
  free=$(df -Pk /var/tmp | awk 'NR == 2 { print $4 }')
  if [[ $1 == *[Nn]"o space left"* ]] || ((free < 1024)); then
    echo "no space: /var/tmp has $free KiB free" >&2
    exit 1
  fi
}
ctl() { etcdctl --endpoints="unix://$socket" --dial-timeout=2s --command-timeout=1200s "$@"; }
open_etcd() {
  local folder=$1 said code=65
  shift
  etcd --name="$MEMBER" --data-dir="$folder" --listen-client-urls="unix://$socket" --listen-peer-urls="unix://$socket.peer" \
    --advertise-client-urls=http://127.0.0.1:2379 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
    --initial-cluster="$MEMBER=http://127.0.0.1:2380" --quota-backend-bytes=17179869184 "$@" >"$work/etcd.log" 2>&1 &
  own=$!
  until [[ -S $socket ]] && etcdctl --endpoints="unix://$socket" --command-timeout=5s endpoint health &>/dev/null; do
    kill -0 "$own" 2>/dev/null || {
      said=$(grep -E '"level":"(fatal|panic|error)"|^panic: ' "$work/etcd.log" | tail -n 1 | cut -c 1-300) || true
      enough_space "$said"
      # One that was killed says nothing.
      [[ -n $said ]] || code=1
      echo "etcd does not open it: $said" >&2
      exit $code
    }
    sleep 0.2
  done
}
close_etcd() {
  kill "$own"
  wait "$own" || true
  own=
}
live_keys() { ctl get "" --prefix --count-only -w fields | sed -n 's/^"Count" : //p'; }
# What "etcdutl snapshot status" or "etcdctl endpoint status" prints, one number of it.
number() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }
