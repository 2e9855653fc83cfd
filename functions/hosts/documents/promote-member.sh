# Makes the learner at this address a voter. Fails while etcd finds it too far behind; succeeds when it is a voter already.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
line=$(etcdctl member list --command-timeout=5s -w simple | grep -F ", {{ peerUrl }}, ")
case $line in
*", true") etcdctl member promote --command-timeout=5s "${line%%,*}" ;;
*) echo "a voter already" ;;
esac
