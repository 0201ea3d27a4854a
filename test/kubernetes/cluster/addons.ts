import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kubectl } from './kubectl.ts';
import { kedaManifests } from './programs.ts';

/** Installs CoreDNS and KEDA. Resolves when both are available. */
export const installAddons = async (folder: string, kubectl: Kubectl): Promise<void> => {
  const keda = join(folder, 'keda');
  await cp(join(import.meta.dirname, 'keda'), keda, { recursive: true });
  await cp(kedaManifests, join(keda, 'config'), { recursive: true });
  await kubectl.run('apply', '--server-side', `--filename=${join(import.meta.dirname, 'coredns.yaml')}`);
  await kubectl.run('apply', '--server-side', `--kustomize=${keda}`);
  await kubectl.waitFor('Available', '--namespace=kube-system', 'deployment/coredns');
  await kubectl.waitFor('Available', '--namespace=keda', 'deployment', '--all');
  await kubectl.waitFor('Available', 'apiservice/v1beta1.external.metrics.k8s.io');
};
