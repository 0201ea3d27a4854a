/** Versions against which the rendered chart is checked, together. */
export type Platform = { kubernetes: string; keda: string; gatewayApi: string };

/**
 * The platforms that the chart supports, from the oldest to the newest Kubernetes. AKS installs KEDA 2.17 on Kubernetes 1.35, and KEDA
 * 2.19 on 1.36 (https://learn.microsoft.com/azure/aks/supported-kubernetes-versions).
 */
export const platforms = [
  { kubernetes: '1.30.14', keda: '2.17.2', gatewayApi: '1.2.1' },
  { kubernetes: '1.35.4', keda: '2.19.0', gatewayApi: '1.4.1' },
  // The versions of `npm run test:k8s`.
  { kubernetes: '1.36.3', keda: '2.21.0', gatewayApi: '1.5.1' },
] as const satisfies readonly Platform[];

/** Returns the path of a kind's schema in the folder of a platform. The core group has no name: its version is the folder. */
export const schemaPath = ({
  group,
  version,
  kind,
}: {
  group: string;
  version: string;
  kind: string;
}): string => `${group || version}/${kind.toLowerCase()}_${version}.json`;
