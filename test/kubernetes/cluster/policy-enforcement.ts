import { nodes, serviceNetwork } from './addresses.ts';
import type { Machine } from './machine.ts';
import type { Programs } from './programs.ts';

/**
 * Starts what enforces NetworkPolicies, with iptables. One is enough, because the nodes share their network. The first node must be
 * registered.
 */
export const startPolicyEnforcement = (machine: Machine, programs: Programs, kubeconfig: string): void => {
  const [{ name, address }] = nodes;
  machine.startDaemon('kube-router-firewall', [
    programs['kube-router-firewall'],
    `--kubeconfig=${kubeconfig}`,
    `--node=${name}`,
    `--node-address=${address}`,
    `--services=${serviceNetwork.range}`,
  ]);
};
