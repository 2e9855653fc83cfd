# What this master's etcd member says of itself, as one line of JSON. "healthy" is a linearizable read, so it also says
# that this member has a quorum behind it. Exit code 0 means that the question was answered, not that all is well.
set -u
set -a
. /etc/holdfast/member 2>/dev/null || { echo '{"member":null,"healthy":false,"status":null}'; exit 0; }
. /etc/holdfast/etcdctl
set +a
# Side by side and with short limits: a member that hangs must not make its masters' answers late.
etcdctl endpoint health --dial-timeout=1s --command-timeout=2s >/dev/null 2>&1 &
asked=$!
status=$(etcdctl endpoint status --dial-timeout=1s --command-timeout=2s -w json 2>/dev/null) || status=null
if wait "$asked"; then healthy=true; else healthy=false; fi
printf '{"member":"%s","volume":"%s","generation":%s,"healthy":%s,"status":%s}\n' \
  "$MEMBER" "$VOLUME_ID" "$GENERATION" "$healthy" "${status:-null}"
