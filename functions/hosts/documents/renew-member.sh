# Takes a member whose data is lost out of the cluster and puts it back as a learner with the same name and address, in
# this order: adding first would raise the majority. May be repeated: each half looks first.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
members=$(etcdctl member list --command-timeout=5s -w simple)
if grep -q "^{{ formerId }}, " <<<"$members"; then
  etcdctl member remove --command-timeout=5s "{{ formerId }}"
  members=$(etcdctl member list --command-timeout=5s -w simple)
fi
if ! grep -qF ", {{ peerUrl }}, " <<<"$members"; then
  etcdctl member add "{{ name }}" --learner --peer-urls="{{ peerUrl }}" --command-timeout=5s
fi
