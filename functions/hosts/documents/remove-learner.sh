# Takes the learner at this address out of etcd. One that votes, or is not there, is left alone.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
line=$(etcdctl member list --command-timeout=5s -w simple | grep -F ", {{ peerUrl }}, " || true)
case $line in
*", true") etcdctl member remove --command-timeout=5s "${line%%,*}" ;;
*) echo "no learner" ;;
esac
