# Starts what "stop-control-plane" has stopped: etcd, the API server, or the controllers, each with what it needs. Former data is
# never started here, only that of the restore. What follows is "restore-status".
member=/var/lib/etcd/data/member what={{ what }}
manifest() {
  [[ ! -e /etc/kubernetes/held/$1.yaml ]] || mv -f "/etc/kubernetes/held/$1.yaml" /etc/kubernetes/manifests/
}
# Members that start at once do not answer each other before each has compared its data with the others', 14 s later (etcd,
# embed/etcd.go). What they have is of one file, so this start compares nothing; later ones do.
start_alike() {
  local unit=/etc/systemd/system/etcd.service once=/run/systemd/system/etcd.service.d
  mkdir -p $once
  {
    printf '[Service]\nExecStart=\n'
    sed -n '/^ExecStart=/,/[^\\]$/p' $unit | sed 's/--experimental-initial-corrupt-check=true//; s/InitialCorruptCheck=true/InitialCorruptCheck=false/'
  } >$once/restored.conf
  systemctl daemon-reload
  systemctl start etcd.service
  rm $once/restored.conf
  systemctl daemon-reload
}
ready() { curl -sf -m 2 --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/readyz >/dev/null; }
if [[ $(cat $member/holdfast-restored 2>/dev/null) == "{{ token }}" ]]; then
  case $what in
  etcd)
    rm -f /etc/holdfast/hold-etcd
    start_alike
    ;;
  api-server)
    manifest kube-apiserver
    rm -f /etc/holdfast/hold-kubernetes
    ;;
  controllers)
    manifest kube-controller-manager
    manifest kube-scheduler
    # Its caches are of before the restore, and it registers its node once a start.
    [[ ! -e /etc/holdfast/booted || -e /run/holdfast-restarted-{{ token }} ]] || systemctl restart kubelet.service
    touch /run/holdfast-restarted-{{ token }}
    ;;
  esac
fi
if [[ $what != etcd ]]; then
  end=$((SECONDS + 12))
  until ready || ((SECONDS >= end)); do sleep 0.2; done
fi
