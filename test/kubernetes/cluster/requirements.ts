import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findBuildObstacle } from '../../../.ci/images/buildah.ts';
import { run } from '../../../.ci/verify/run.ts';
import { canCreateCgroups } from './cgroups.ts';

/** The programs that a cluster needs besides those that it builds, by the Debian package that contains them. */
const debianPackages: Readonly<Record<string, readonly string[]>> = {
  runc: ['runc'],
  iptables: ['iptables'],
  ipset: ['ipset'],
  iproute2: ['ip'],
  openssl: ['openssl'],
  procps: ['sysctl'],
  'util-linux': ['unshare', 'nsenter', 'setpriv'],
};

const [minMajor, minMinor] = [1, 26];

/** Returns what this machine lacks for a cluster, one sentence each. */
export const findMissing = async (): Promise<string[]> => {
  if (process.platform !== 'linux') return ['a cluster on this machine requires Linux'];
  if (process.getuid?.() !== 0) return ['a cluster on this machine requires root'];
  const missing = [
    await findMissingGo(),
    ...Object.entries(debianPackages).flatMap(([name, programs]) =>
      programs.filter((program) => !isOnPath(program)).map((program) => explainMissing(program, name)),
    ),
    networkPlugins.some((folder) => existsSync(join(folder, 'bridge')))
      ? undefined
      : explainMissing('The network plugin bridge', 'containernetworking-plugins'),
    await findBuildObstacle(),
  ].filter((sentence) => sentence !== undefined);
  return missing.length > 0 ? missing : findForbidden();
};

/** The folders in which containerd searches for network plugins: Debian's, and that of the published archives. */
export const networkPlugins = ['/usr/lib/cni', '/opt/cni/bin'];

const explainMissing = (what: string, name: string): string =>
  `${what} is not installed (on Debian: apt-get install ${name})`;

const isOnPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const findMissingGo = async (): Promise<string | undefined> => {
  const { code, output } = await run(['go', 'version']);
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(output) ?? [];
  const isNewEnough = Number(major) > minMajor || (Number(major) === minMajor && Number(minor) >= minMinor);
  if (code === 0 && isNewEnough) return undefined;
  return `Go ${minMajor}.${minMinor} or later is not installed (https://go.dev/dl)`;
};

/** Returns what root is not allowed to do here, as in many containers. */
const findForbidden = async (): Promise<string[]> => {
  const namespaces = ['unshare', '--mount', '--net', '--pid', '--fork', '--mount-proc'] as const;
  const { code, output } = await run([...namespaces, 'iptables', '--table=nat', '--list-rules']);
  return [
    ...(code === 0 ? [] : [`namespaces with iptables are not allowed here: ${output.trim().split('\n')[0]}`]),
    ...((await canCreateCgroups()) ? [] : ['control groups cannot be created in /sys/fs/cgroup']),
  ];
};
