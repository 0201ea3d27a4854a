import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostAddress, nodes, podNetwork } from './addresses.ts';
import type { Machine } from './machine.ts';
import type { Programs } from './programs.ts';

/** Returns the folder in which containerd finds the configuration of the network plugins. It must contain nothing else. */
export const toPluginFolder = (machineFolder: string): string => join(machineFolder, 'network-plugins');

/** Creates the bridge to which pods are connected, and the addresses of the nodes. */
export const createNetwork = async (machine: Machine): Promise<void> => {
  const { bridge, prefix } = podNetwork;
  const commands = [
    'link set lo up',
    `link add ${bridge} type bridge`,
    `address add ${hostAddress}/${prefix} dev ${bridge}`,
    `link set ${bridge} up`,
    ...nodes.slice(1).map(({ address }) => `address add ${address}/32 dev lo`),
  ];
  for (const command of commands) await machine.run(['ip', ...command.split(' ')]);
  await machine.run(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  const folder = toPluginFolder(machine.folder);
  mkdirSync(folder);
  writeFileSync(join(folder, 'pods.conflist'), JSON.stringify(buildPodNetwork(machine.folder)));
};

/** Returns the configuration of the network plugins: an address for each pod, of one range for all nodes. */
const buildPodNetwork = (folder: string): object => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: podNetwork.bridge,
      isGateway: true,
      ipam: {
        type: 'host-local',
        dataDir: join(folder, 'pod-addresses'),
        ranges: [[{ subnet: podNetwork.subnet, rangeStart: podNetwork.firstPod }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
});

/** Starts what makes the addresses of services work. One is enough, because the nodes share their network. */
export const startServiceNetwork = (machine: Machine, programs: Programs): void => {
  const path = join(machine.folder, 'kube-proxy.json');
  writeFileSync(path, JSON.stringify(buildProxyConfiguration(machine.folder)));
  machine.startDaemon('kube-proxy', [programs['kube-proxy'], `--config=${path}`]);
};

const buildProxyConfiguration = (folder: string): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: join(folder, 'pki', 'proxy.kubeconfig') },
  mode: 'iptables',
  clusterCIDR: podNetwork.subnet,
  hostnameOverride: nodes[0].name,
  // Limits of the whole machine, which a network namespace cannot change.
  conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: '0s', tcpEstablishedTimeout: '0s' },
});
