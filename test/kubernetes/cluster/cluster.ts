import { join } from 'node:path';
import type { Releases } from '../../../runtime/lifecycle.ts';
import { installAddons } from './addons.ts';
import { nodes } from './addresses.ts';
import { createCertificates } from './certificates.ts';
import { startControlPlane } from './control-plane.ts';
import { packProgram } from './images.ts';
import { connectKubectl } from './kubectl.ts';
import { Machine } from './machine.ts';
import { createNetwork, startServiceNetwork } from './network.ts';
import { importImage, startContainerd, startKubelet } from './node.ts';
import { startPolicyEnforcement } from './policy-enforcement.ts';
import type { Programs } from './programs.ts';
import { createStateFolder, removeLeftovers } from './state-folder.ts';

/** A Kubernetes with KEDA that runs on this machine. */
export type Cluster = {
  machine: Machine;
  kubeconfig: string;
  /** Imports archives of images, as `docker save` writes them, into each node. */
  importImages: (archives: readonly string[]) => Promise<void>;
};

/**
 * Starts a Kubernetes of two nodes with CoreDNS and KEDA, in namespaces of its own. Prints each step. Resolves when it is ready for
 * pods.
 * @param releases stops the cluster and removes everything that it stored
 */
export const startCluster = async (programs: Programs, releases: Releases): Promise<Cluster> => {
  for (const folder of await removeLeftovers()) console.log(`removed what an earlier run left in ${folder}`);
  const folder = await createStateFolder(releases);
  console.log(`starting a cluster in ${folder}`);
  const machine = await Machine.start(folder, programs.pause, releases);
  const importImages = async (archives: readonly string[]) => {
    for (const archive of archives)
      await Promise.all(nodes.map(({ name }) => importImage(machine, programs, { node: name, archive })));
  };
  await createNetwork(machine);
  await createCertificates(folder);
  await Promise.all([
    startControlPlane(machine, programs),
    ...nodes.map(({ name }) => startContainerd(machine, programs, name)),
  ]);
  const images = ['pause', 'coredns', 'keda', 'keda-adapter', 'keda-admission-webhooks'] as const;
  await importImages(await Promise.all(images.map((name) => packProgram(programs[name]))));
  for (const node of nodes) await startKubelet(machine, programs, node);
  startServiceNetwork(machine, programs);
  const kubeconfig = join(folder, 'pki', 'admin.kubeconfig');
  const kubectl = connectKubectl(machine, [programs.kubectl, `--kubeconfig=${kubeconfig}`]);
  console.log('installing CoreDNS and KEDA');
  await installAddons(folder, kubectl);
  await kubectl.waitFor('Ready', ...nodes.map(({ name }) => `node/${name}`));
  startPolicyEnforcement(machine, programs, kubeconfig);
  return { machine, kubeconfig, importImages };
};
