/** What people type most, by command; shown under its usage. Each one is a command that is understood. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "create cluster": [
    "create cluster --zones us-west-2a,us-west-2b,us-west-2c --master-zones us-west-2a,us-west-2b,us-west-2c prod.example.com",
    "create cluster -f prod.yaml --yes --wait",
    "create cluster --zones us-west-2a dev.example.com --dry-run -o yaml",
  ],
  "update cluster": [
    "update cluster prod.example.com --node-size m5.large",
    "update cluster prod.example.com --yes --wait 20m",
  ],
  "migrate cluster": [
    "migrate cluster prod.example.com --master-zones us-west-2a,us-west-2b,us-west-2c",
    "migrate cluster prod.example.com --master-zones us-west-2a --yes --wait 20m",
  ],
  "scale nodes": ["scale nodes prod.example.com --count 5 --yes --wait"],
  "get clusters": ["get clusters", "get clusters prod.example.com -o json"],
  "get members": ["get members prod.example.com -o wide"],
  "get nodes": ["get nodes prod.example.com"],
  "get operations": ["get operations prod.example.com", "get operations prod.example.com --follow"],
  "get events": ["get events prod.example.com"],
  "validate cluster": ["validate cluster prod.example.com --wait 10m"],
  "export kubeconfig": ["export kubeconfig prod.example.com", "export kubeconfig prod.example.com --admin 1h -o yaml"],
  "fleet create": [
    "fleet create prod --selector env=prod --minimum-masters 3",
    "fleet create pair --clusters eu.example.com,us.example.com --yes",
  ],
  "fleet rollout": [
    "fleet rollout prod --node-count 5 --max-concurrent 25%",
    "fleet rollout prod --set drill=weekly --strategy stages.yaml --yes",
    "fleet rollout resume prod --skip eu.example.com --yes",
  ],
  "fleet register": [
    "fleet register argocd --namespace argocd --selector env=prod",
    "fleet register clusterprofile --namespace fleet --fleet prod --context hub --yes",
  ],
  "delete cluster": [
    "delete cluster prod.example.com",
    "delete cluster prod.example.com --yes --wait --final-snapshot",
  ],
};
