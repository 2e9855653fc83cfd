# Makes learners voters, then takes members out, one right after the other: the number of voters is even for no longer than
# two calls take. Lists are peer URLs, or "-". "keeper" is a voter, or becomes one, and stays: before anybody goes it has the
# leadership, and it is asked to take them out. Runs on a voter. May be repeated: each part looks first. Ends with the list of members.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
keeper="{{ keeper }}"
read -ra promote <<<"{{ promote }}"
read -ra remove <<<"{{ remove }}"
client_of_keeper=${keeper%:2380}:2379
list() { etcdctl member list --command-timeout=5s -w simple; }
# A member that has left does not answer any more; then the one that stays does.
members=$(list) || members=$(ETCDCTL_ENDPOINTS=$client_of_keeper list)
line_of() { grep -F ", $1, " <<<"$members" || true; }
for url in "${promote[@]}"; do
  line=$(line_of "$url")
  [[ $line != *", true" ]] || etcdctl member promote --command-timeout=5s "${line%%,*}" >&2
done
export ETCDCTL_ENDPOINTS=$client_of_keeper
heir=$(line_of "$keeper")
# Only the leader gives its leadership away; the others refuse at once.
for url in "${remove[@]}"; do
  [[ -z $(line_of "$url") ]] || ETCDCTL_ENDPOINTS=${url%:2380}:2379 etcdctl move-leader "${heir%%,*}" \
    --dial-timeout=1s --command-timeout=3s >&2 || true
done
for url in "${remove[@]}"; do
  line=$(line_of "$url")
  [[ -n $line ]] || continue
  # A new voter, or a new leader, may need a moment.
  for try in 1 2 3 4 5 6 7 8 9 0; do
    etcdctl member remove --command-timeout=3s "${line%%,*}" >&2 && break
    ((try > 0))
    sleep 0.3
    members=$(list)
    [[ -n $(line_of "$url") ]] || break
  done
done
list
