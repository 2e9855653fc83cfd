# Takes a restore back: the former data, the former generation, and everything started again. Only as long as no client can have
# written to the restored data. A volume that never had data stays on hold. What follows is "restore-status".
mount=/var/lib/etcd before=/var/lib/etcd/data.before-{{ token }}
. /etc/holdfast/member 2>/dev/null
# It may be another member that failed: what this one still restores must not take the place of the former data.
for job in /var/lib/holdfast/jobs/*-restore; do
  [[ ! -d $job ]] || systemctl stop "holdfast-job-${job##*/}.service" 2>/dev/null
done
if mountpoint -q $mount; then
  if [[ -d $before ]]; then
    systemctl stop etcd.service
    rm -rf $mount/data $mount/data.new
    mv "$before" $mount/data
    sync $mount
  fi
  if [[ -e $mount/data/member && $(cat $mount/data/member/holdfast-restored 2>/dev/null) != "{{ token }}" ]]; then
    echo "$CLUSTER_UID $MEMBER {{ generation }} $VOLUME_ID" >$mount/holdfast-identity.new
    sync $mount/holdfast-identity.new
    mv $mount/holdfast-identity.new $mount/holdfast-identity
    sed -i 's/^GENERATION=.*/GENERATION={{ generation }}/' /etc/holdfast/member
    rm -f /etc/holdfast/hold-etcd /etc/holdfast/hold-kubernetes
    systemctl daemon-reload
    systemctl start --no-block etcd.service
    for name in kube-apiserver kube-controller-manager kube-scheduler; do
      [[ ! -e /etc/kubernetes/held/$name.yaml ]] || mv -f /etc/kubernetes/held/$name.yaml /etc/kubernetes/manifests/
    done
  fi
fi
