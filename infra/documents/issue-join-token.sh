# Puts what a node needs to join where nodes may read it: token, hash of the cluster's authority, endpoint. The token never
# leaves by this command's output. Its life is that of functions/domain/join-token.ts.
set -euo pipefail
. /etc/holdfast/member
export AWS_DEFAULT_REGION=$REGION
token=$(kubeadm token create --ttl 24h --kubeconfig /etc/kubernetes/admin.conf)
hash=$(openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum | cut -d' ' -f1)
endpoint=$(sed -n 's/^controlPlaneEndpoint: //p' /etc/kubernetes/kubeadm.yaml)
aws ssm put-parameter --name "$PARAMETERS/nodes/join" --type SecureString --key-id alias/holdfast --overwrite \
  --value "$token sha256:$hash $endpoint" >/dev/null
echo issued
