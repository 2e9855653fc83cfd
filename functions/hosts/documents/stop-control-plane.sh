# Stops etcd and the control plane of Kubernetes on this master, and keeps them from starting, after a reboot too. What follows is
# "restore-status". May be repeated; where something does not stop, the next run continues.
mkdir -p /etc/holdfast /etc/systemd/system/etcd.service.d /etc/kubernetes/held
touch /etc/holdfast/hold-etcd /etc/holdfast/hold-kubernetes
# Boot scripts of before know no hold: their unit learns it here.
printf '[Unit]\nConditionPathExists=!/etc/holdfast/hold-etcd\n' >/etc/systemd/system/etcd.service.d/holdfast-hold.conf
sync /etc/holdfast /etc/systemd/system/etcd.service.d
systemctl daemon-reload
for name in kube-apiserver kube-controller-manager kube-scheduler; do
  mv -f /etc/kubernetes/manifests/$name.yaml /etc/kubernetes/held/ 2>/dev/null
done
systemctl stop etcd.service 2>/dev/null
end=$((SECONDS + 12))
while (: </dev/tcp/127.0.0.1/6443) 2>/dev/null && ((SECONDS < end)); do sleep 0.2; done
# Its kubelet may be down: nobody else would end it.
pkill -x kube-apiserver 2>/dev/null
