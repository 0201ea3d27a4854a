import { writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../.ci/verify/run.ts';
import { hostAddress, nodes, serviceNetwork } from './addresses.ts';

const apiServerUrl = `https://${hostAddress}:6443`;

/** A certificate: its file name and subject, and for a server its names. */
type Certificate = { name: string; subject: string; serverNames?: readonly string[] };

const certificates: readonly Certificate[] = [
  {
    name: 'server',
    subject: '/CN=kube-apiserver',
    serverNames: [
      'IP:127.0.0.1',
      `IP:${hostAddress}`,
      `IP:${serviceNetwork.apiServer}`,
      'DNS:kubernetes.default.svc',
    ],
  },
  { name: 'front-proxy', subject: '/CN=front-proxy' },
  { name: 'to-kubelet', subject: '/O=system:masters/CN=apiserver-to-kubelet' },
  { name: 'admin', subject: '/O=system:masters/CN=admin' },
  { name: 'controllers', subject: '/CN=system:kube-controller-manager' },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'proxy', subject: '/CN=system:kube-proxy' },
  ...nodes.flatMap(({ name, address }): Certificate[] => [
    { name, subject: `/O=system:nodes/CN=system:node:${name}` },
    {
      name: `${name}-server`,
      subject: `/CN=${name}`,
      serverNames: [`IP:${address}`, `DNS:${name}`],
    },
  ]),
];

/** The certificates with which a program logs in to the API server. */
const logins = ['admin', 'controllers', 'scheduler', 'proxy', ...nodes.map(({ name }) => name)];

const openssl = async (...argv: string[]): Promise<void> => {
  const { code, output } = await run(['openssl', ...argv]);
  if (code !== 0) throw new Error(`"openssl ${argv.join(' ')}" exited with ${code}:\n${output}`);
};

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/**
 * Creates a certificate authority, what it signs, and the keys of service accounts in `<folder>/pki`, and for each program that logs in
 * to the API server `<folder>/pki/<name>.kubeconfig`.
 */
export const createCertificates = async (folder: string): Promise<void> => {
  const pki = join(folder, 'pki');
  const at = (name: string) => join(pki, name);
  await mkdir(pki);
  const authority = ['-keyout', at('ca.key'), '-out', at('ca.crt'), '-days', '2', '-subj', '/CN=ca'];
  await openssl('req', '-x509', ...newKey, ...authority);
  await openssl('genrsa', '-out', at('service-accounts.key'), '2048');
  await openssl('rsa', '-in', at('service-accounts.key'), '-pubout', '-out', at('service-accounts.pub'));
  await Promise.all(certificates.map((certificate) => sign(pki, certificate)));
  for (const name of logins)
    writeFileSync(at(`${name}.kubeconfig`), JSON.stringify(await buildKubeconfig(pki, name)));
};

const sign = async (pki: string, { name, subject, serverNames }: Certificate): Promise<void> => {
  const at = (end: string) => join(pki, `${name}.${end}`);
  await openssl('req', ...newKey, '-keyout', at('key'), '-out', at('csr'), '-subj', subject);
  writeFileSync(
    at('extensions'),
    serverNames ? `subjectAltName=${serverNames.join(',')}` : 'extendedKeyUsage=clientAuth',
  );
  const authority = ['-CA', join(pki, 'ca.crt'), '-CAkey', join(pki, 'ca.key')];
  const result = ['-days', '2', '-out', at('crt'), '-extfile', at('extensions')];
  await openssl('x509', '-req', '-in', at('csr'), ...authority, ...result);
};

/** Returns the content of a kubeconfig file. */
const buildKubeconfig = async (pki: string, name: string): Promise<object> => {
  const read = (file: string) => readFile(join(pki, file), 'base64');
  const context = { cluster: 'test', user: name };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server: apiServerUrl, 'certificate-authority-data': await read('ca.crt') },
      },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': await read(`${name}.crt`),
          'client-key-data': await read(`${name}.key`),
        },
      },
    ],
    contexts: [{ name: 'test', context }],
    'current-context': 'test',
  };
};
