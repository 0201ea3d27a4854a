import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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

/**
 * Creates a certificate authority, what it signs, and the keys of service accounts in `<folder>/pki`, and for each program that logs in
 * to the API server `<folder>/pki/<name>.kubeconfig`.
 */
export const createCertificates = async (folder: string): Promise<void> => {
  const pki = join(folder, 'pki');
  await mkdir(pki);
  await createCertificate(pki, { name: 'ca', subject: '/CN=ca' });
  const authority = ['-CA', join(pki, 'ca.crt'), '-CAkey', join(pki, 'ca.key')];
  await Promise.all(
    certificates.map(({ serverNames, ...certificate }) =>
      createCertificate(pki, certificate, [
        ...authority,
        '-addext',
        serverNames ? `subjectAltName=${serverNames.join(',')}` : 'extendedKeyUsage=clientAuth',
      ]),
    ),
  );
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(pki, 'service-accounts.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(pki, 'service-accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  for (const name of logins)
    await writeFile(join(pki, `${name}.kubeconfig`), JSON.stringify(await buildKubeconfig(pki, name)));
};

/** Creates a key and its certificate, which without an authority signs itself. */
const createCertificate = async (
  pki: string,
  { name, subject }: Omit<Certificate, 'serverNames'>,
  options: readonly string[] = [],
): Promise<void> => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  const files = ['-keyout', join(pki, `${name}.key`), '-out', join(pki, `${name}.crt`)];
  const command = ['req', '-x509', ...key, ...files, '-days', '2', '-subj', subject, ...options];
  const { code, output } = await run(['openssl', ...command]);
  if (code !== 0) throw new Error(`"openssl ${command.join(' ')}" exited with ${code}:\n${output}`);
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
