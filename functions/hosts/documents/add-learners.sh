# Adds new members as learners: those of NAME=PEER-URL whose address etcd does not list yet. May be repeated.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
members=$(etcdctl member list --command-timeout=5s -w simple)
read -ra learners <<<"{{ learners }}"
for learner in "${learners[@]}"; do
  grep -qF ", ${learner#*=}, " <<<"$members" ||
    etcdctl member add "${learner%%=*}" --learner --peer-urls="${learner#*=}" --command-timeout=5s
done
