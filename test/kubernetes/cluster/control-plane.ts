import { join } from 'node:path';
import { hostAddress, serviceNetwork } from './addresses.ts';
import type { Machine } from './machine.ts';
import type { Programs } from './programs.ts';

/** Starts etcd, the API server, the controllers and the scheduler. Resolves when the API server is ready. */
export const startControlPlane = async (machine: Machine, programs: Programs): Promise<void> => {
  const pki = join(machine.folder, 'pki');
  const data = join(machine.folder, 'etcd');
  machine.startDaemon('etcd', [programs.etcd, `--data-dir=${data}`, '--unsafe-no-fsync']);
  machine.startDaemon('kube-apiserver', [programs['kube-apiserver'], ...buildApiServerArguments(pki)]);
  const kubectl = [programs.kubectl, `--kubeconfig=${pki}/admin.kubeconfig`] as const;
  await machine.waitFor('the API server', [...kubectl, 'get', '--raw=/readyz']);
  machine.startDaemon('kube-controller-manager', [
    programs['kube-controller-manager'],
    ...buildLogin(pki, 'controllers'),
    `--service-account-private-key-file=${pki}/service-accounts.key`,
    `--root-ca-file=${pki}/ca.crt`,
    '--use-service-account-credentials',
    // The default is 15 s. The tests wait for what it decides.
    '--horizontal-pod-autoscaler-sync-period=2s',
  ]);
  machine.startDaemon('kube-scheduler', [programs['kube-scheduler'], ...buildLogin(pki, 'scheduler')]);
};

const buildLogin = (pki: string, name: string): string[] => [
  ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
    (option) => `--${option}=${pki}/${name}.kubeconfig`,
  ),
  '--leader-elect=false',
];

const buildApiServerArguments = (pki: string): string[] => [
  '--etcd-servers=http://127.0.0.1:2379',
  `--advertise-address=${hostAddress}`,
  `--service-cluster-ip-range=${serviceNetwork.range}`,
  '--authorization-mode=Node,RBAC',
  // Without kube-proxy's rules for the API server itself, the external metrics of KEDA would not be reachable.
  '--enable-aggregator-routing=true',
  '--kubelet-preferred-address-types=InternalIP',
  `--client-ca-file=${pki}/ca.crt`,
  `--tls-cert-file=${pki}/server.crt`,
  `--tls-private-key-file=${pki}/server.key`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${pki}/service-accounts.pub`,
  `--service-account-signing-key-file=${pki}/service-accounts.key`,
  `--requestheader-client-ca-file=${pki}/ca.crt`,
  '--requestheader-allowed-names=front-proxy',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  `--proxy-client-cert-file=${pki}/front-proxy.crt`,
  `--proxy-client-key-file=${pki}/front-proxy.key`,
  `--kubelet-client-certificate=${pki}/to-kubelet.crt`,
  `--kubelet-client-key=${pki}/to-kubelet.key`,
  `--kubelet-certificate-authority=${pki}/ca.crt`,
];
