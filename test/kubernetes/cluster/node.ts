import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { serviceNetwork, type NodeName } from './addresses.ts';
import { createCgroups } from './cgroups.ts';
import { pauseImage } from './images.ts';
import type { Machine } from './machine.ts';
import { toPluginFolder } from './network.ts';
import type { Programs } from './programs.ts';
import { networkPlugins } from './requirements.ts';

/** The address of a node's containerd, in the machine's folder. */
const toSocket = (folder: string, node: NodeName): string => join(folder, node, 'containerd.sock');

/** Starts the containerd of a node. Resolves when it is ready. */
export const startContainerd = async (
  machine: Machine,
  programs: Programs,
  node: NodeName,
): Promise<void> => {
  const folder = join(machine.folder, node);
  mkdirSync(folder);
  const path = join(folder, 'containerd.toml');
  writeFileSync(path, buildContainerdConfiguration(machine.folder, node));
  machine.startDaemon(`${node}-containerd`, [programs.containerd, `--config=${path}`]);
  await machine.waitFor(`containerd of ${node}`, [
    programs.ctr,
    `--address=${toSocket(machine.folder, node)}`,
    'version',
  ]);
};

/** Imports an archive of images into a node. */
export const importImage = async (
  machine: Machine,
  programs: Programs,
  { node, archive }: { node: NodeName; archive: string },
): Promise<void> => {
  const address = `--address=${toSocket(machine.folder, node)}`;
  await machine.run([programs.ctr, address, '--namespace=k8s.io', 'images', 'import', archive]);
};

/** Starts the kubelet of a node, which registers the node. */
export const startKubelet = async (
  machine: Machine,
  programs: Programs,
  { name, address }: { name: NodeName; address: string },
): Promise<void> => {
  const cgroupRoot = `${basename(machine.folder)}/${name}`;
  await createCgroups(cgroupRoot);
  const folder = join(machine.folder, name);
  const path = join(folder, 'kubelet.json');
  writeFileSync(
    path,
    JSON.stringify(buildKubeletConfiguration(machine.folder, { name, address, cgroupRoot })),
  );
  machine.startDaemon(`${name}-kubelet`, [
    programs.kubelet,
    `--config=${path}`,
    `--kubeconfig=${join(machine.folder, 'pki', `${name}.kubeconfig`)}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
    `--root-dir=${join(folder, 'kubelet')}`,
  ]);
};

const buildContainerdConfiguration = (machineFolder: string, node: NodeName): string => {
  const folder = join(machineFolder, node);
  return `
version = 3
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing"]
[grpc]
address = "${toSocket(machineFolder, node)}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime']
# Without the capability SYS_RESOURCE, runc cannot lower the score, and says only "can't get final child's PID".
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ${JSON.stringify(networkPlugins)}
conf_dir = "${toPluginFolder(machineFolder)}"
`;
};

type KubeletPlace = { name: NodeName; address: string; cgroupRoot: string };

const buildKubeletConfiguration = (
  machineFolder: string,
  { name, address, cgroupRoot }: KubeletPlace,
): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address,
  // Nobody asks at this port, and it would be the same on each node.
  healthzPort: 0,
  cgroupRoot: `/${cgroupRoot}`,
  cgroupDriver: 'cgroupfs',
  failCgroupV1: false,
  failSwapOn: false,
  containerRuntimeEndpoint: `unix://${toSocket(machineFolder, name)}`,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: join(machineFolder, 'pki', 'ca.crt') },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: join(machineFolder, 'pki', `${name}-server.crt`),
  tlsPrivateKeyFile: join(machineFolder, 'pki', `${name}-server.key`),
  clusterDNS: [serviceNetwork.dns],
  clusterDomain: 'cluster.local',
  resolvConf: '',
  podLogsDir: join(machineFolder, name, 'pod-logs'),
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  // An image that a full disk removes could not be pulled again.
  imageGCHighThresholdPercent: 100,
});
