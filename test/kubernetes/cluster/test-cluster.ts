import { delimiter, dirname } from 'node:path';
import { buildImages } from '../../../.ci/images/build-images.ts';
import type { Releases } from '../../../runtime/lifecycle.ts';
import { hostAddress } from './addresses.ts';
import { startCluster } from './cluster.ts';
import type { Machine } from './machine.ts';
import { buildPrograms } from './programs.ts';

/** A cluster with our images, and the environment variables that the tests read. */
export type TestCluster = { machine: Machine; environment: Readonly<Record<string, string>> };

/**
 * Builds the programs of a cluster and our images, as far as they are not in the cache, and starts a cluster with them.
 * @param releases stops the cluster
 * @param signal ends the building
 */
export const startTestCluster = async (releases: Releases, signal: AbortSignal): Promise<TestCluster> => {
  const programs = await buildPrograms(signal);
  console.log('building the images');
  const images = Object.entries(await buildImages());
  const cluster = await startCluster(programs, releases);
  await cluster.importImages(images.map(([, { archive }]) => archive));
  const references = Object.fromEntries(images.map(([name, { reference }]) => [name, reference]));
  const folders = [programs.kubectl, programs.helm, programs.ctr].map((program) => dirname(program));
  return {
    machine: cluster.machine,
    environment: {
      KUBECONFIG: cluster.kubeconfig,
      COXSWAIN_TEST_HOST: hostAddress,
      COXSWAIN_TEST_ON_NODE: 'yes',
      COXSWAIN_TEST_IMAGES: JSON.stringify(references),
      PATH: [...folders, process.env['PATH']].join(delimiter),
    },
  };
};
