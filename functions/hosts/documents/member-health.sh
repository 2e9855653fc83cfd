# What this master's etcd member says of itself, as one line of JSON. "healthy" is a linearizable read, so it also says
# that this member has a quorum behind it. Of one that is not healthy, also what its host knows of the reason: is the boot
# script still running, did it refuse the volume, how often was etcd started again and what did it say at its end, how
# many bytes are left. Exit code 0 means that the question was answered, not that all is healthy.
set -u
plain() { tr -cd '[:alnum:] ._:/,()=-' | cut -c 1-240; }
# Of the unit that boots this host (functions/hosts/boot/unit.sh): "error" once it has failed, though it is tried again.
boot() {
  local restarts
  restarts=$(systemctl show holdfast-boot.service --property=NRestarts --value 2>/dev/null)
  if [[ -e /etc/holdfast/booted ]]; then echo "done"; elif ((${restarts:-0} > 0)); then echo error; else echo running; fi
}
set -a
. /etc/holdfast/member 2>/dev/null || {
  printf '{"member":null,"healthy":false,"status":null,"boot":"%s"}\n' "$(boot)"
  exit 0
}
. /etc/holdfast/etcdctl
set +a
# Side by side and with short limits: a member that hangs must not make its masters' answers late.
etcdctl endpoint health --dial-timeout=1s --command-timeout=2s >/dev/null 2>&1 &
asked=$!
status=$(etcdctl endpoint status --dial-timeout=1s --command-timeout=2s -w json 2>/dev/null) || status=null
api_ready() { curl -sf -m 2 --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/readyz >/dev/null 2>&1; }
if api_ready; then apiServer=true; else apiServer=false; fi
if wait "$asked"; then healthy=true; else healthy=false; fi
# Before 3.5 an alarm did not show in "endpoint health": reads and deletions continue, writes are refused.
[[ $status != *NOSPACE* ]] || healthy=false
# Is its directory the member's volume? Hosts of before cannot say.
volume='' problem=''
if [[ -x /usr/local/bin/holdfast-volume ]]; then
  if problem=$(/usr/local/bin/holdfast-volume | plain; exit "${PIPESTATUS[0]}"); then volume=$VOLUME_ID; else healthy=false; fi
fi
if curl -sf -m 1 http://127.0.0.1:10248/healthz >/dev/null; then kubelet=true; else kubelet=false; fi
# Written by the heartbeat, each hour.
read -r until 2>/dev/null </run/holdfast-certificates || until=null
printf '{"member":"%s","generation":%s,"healthy":%s,"status":%s,"boot":"%s","kubelet":%s,"apiServer":%s,"certificatesUntil":%s' \
  "$MEMBER" "$GENERATION" "$healthy" "${status:-null}" "$(boot)" "$kubelet" "$apiServer" "${until:-null}"
# Where a backup would save its snapshot.
root=$(df -P /var/lib/holdfast 2>/dev/null || df -P /var/tmp)
printf ',"rootFreeKiB":%s' "$(awk 'NR == 2 { print $4 }' <<<"$root")"
[[ -z $volume ]] || printf ',"volume":"%s"' "$volume"
[[ -z $problem ]] || printf ',"volumeProblem":"%s"' "$problem"
if [[ $healthy == false ]]; then
  [[ ! -e /etc/holdfast/hold-etcd ]] || printf ',"held":true'
  if [[ -e /var/lib/etcd/data/member/wal ]]; then data=true; else data=false; fi
  unit=$(systemctl is-active etcd.service 2>/dev/null | plain)
  restarts=$(systemctl show etcd.service --property=NRestarts --value 2>/dev/null)
  # The line with which etcd ended itself, in the words of 3.4 or in the JSON of later releases.
  said=$(journalctl -u etcd.service -n 400 -o cat --no-pager 2>/dev/null |
    grep -E '"level":"(fatal|panic)"| C \| |^panic: |^fatal error: ' | tail -n 1 | plain)
  free=$(df -P /var/lib/etcd 2>/dev/null | awk 'NR == 2 { print $4 }')
  printf ',"unit":"%s","refused":"%s","restarts":%s,"said":"%s","data":%s,"freeKiB":%s' \
    "$unit" "$(plain 2>/dev/null </etc/holdfast/refused)" "${restarts:-0}" "$said" "$data" "${free:-null}"
fi
echo '}'
