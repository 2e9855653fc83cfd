# A kubelet registers its node once a start: one that the restored API does not know would stay away.
systemctl restart kubelet.service
