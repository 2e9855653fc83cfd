# What this master's host says during a restore, as one line of JSON (functions/domain/restore/host-report.ts). "member" is null
# until the boot script knows whose host it is.
set -u
set -a
. /etc/holdfast/member 2>/dev/null || {
  echo '{"member":null}'
  exit 0
}
. /etc/holdfast/etcdctl 2>/dev/null
set +a
mount=/var/lib/etcd token={{ token }}
yes() { if "$@" >/dev/null 2>&1; then echo true; else echo false; fi; }
text() { if [[ -n $1 ]]; then printf '"%s"' "$1"; else echo null; fi; }
listens() { (: </dev/tcp/127.0.0.1/6443) 2>/dev/null; }
held() { [[ -e /etc/holdfast/hold-etcd && -e /etc/holdfast/hold-kubernetes ]]; }
# The member's own; one that a job opens for itself serves nobody.
etcd_runs() { pgrep -f -- '--data-dir=/var/lib/etcd/data( |$)'; }
api_server() { [[ -e /etc/kubernetes/manifests/kube-apiserver.yaml ]] || pgrep -x kube-apiserver || listens; }
ready() { curl -sf -m 2 --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/readyz; }
commits() { etcdctl endpoint health --dial-timeout=1s --command-timeout=2s; }
mounted=$(yes mountpoint -q $mount) data=none volume='' generation=null free=null cluster=''
if [[ $mounted == true ]]; then
  read -r _ _ generation volume <$mount/holdfast-identity 2>/dev/null || true
  free=$(df -P $mount | awk 'NR == 2 { print $4 }')
  if [[ $(cat $mount/data/member/holdfast-restored 2>/dev/null) == "$token" ]]; then data=restored
  elif [[ -d $mount/data.before-$token ]]; then data=kept
  elif [[ -e $mount/data/member ]]; then data=former
  fi
fi
etcd=$(yes etcd_runs) healthy=false
if [[ $etcd == true ]]; then
  healthy=$(yes commits)
  cluster=$(etcdctl endpoint status --dial-timeout=1s --command-timeout=2s -w json 2>/dev/null | grep -o '"cluster_id":[0-9]*' | cut -d: -f2)
fi
printf '{"member":"%s","held":%s,"etcd":%s,"apiServer":%s,"ready":%s,"mounted":%s,"volumeId":%s,"generation":%s,"data":"%s","healthy":%s,"clusterId":%s,"freeKiB":%s}\n' \
  "$MEMBER" "$(yes held)" "$etcd" "$(yes api_server)" "$(yes ready)" "$mounted" "$(text "$volume")" "${generation:-null}" \
  "$data" "$healthy" "$(text "$cluster")" "${free:-null}"
