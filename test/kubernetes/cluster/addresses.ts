/* The addresses of a cluster. They are the same in every cluster, because each has a network of its own. */

/** The names and addresses of the nodes. Servers in the machine are reached by pods at the address of the first. */
export const nodes = [
  { name: 'node-1', address: '10.88.0.1' },
  { name: 'node-2', address: '10.88.0.2' },
] as const;

export type NodeName = (typeof nodes)[number]['name'];

export const hostAddress = nodes[0].address;

/** Pods of all nodes are connected to one bridge. */
export const podNetwork = { bridge: 'cni0', subnet: '10.88.0.0/24', firstPod: '10.88.0.10', prefix: 24 };

export const serviceNetwork = { range: '10.96.0.0/16', apiServer: '10.96.0.1', dns: '10.96.0.10' };
