import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../verify/run.ts';

/** Runs buildah on an image store of our own, and returns its standard output. @throws Error with the output if buildah fails */
export type Buildah = (...argv: readonly string[]) => Promise<string>;

/** Returns why images cannot be built on this machine; undefined if they can. */
export const findBuildObstacle = async (): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return 'building and running images requires root';
  for (const program of ['buildah', 'ldd', 'npm'])
    if ((await run([program, '--version'])).code !== 0)
      return `${program} is not installed${program === 'buildah' ? ' (on Debian: buildah)' : ''}`;
  // Neither is possible in a container without this privilege.
  if ((await run(['unshare', '--mount', 'true'])).code !== 0)
    return 'this process cannot create namespaces, because it lacks the capability SYS_ADMIN';
  return undefined;
};

/** Opens an image store in a folder. */
export const openBuildah = async (folder: string): Promise<Buildah> => {
  await mkdir(folder, { recursive: true });
  // Only Debian's recommended packages contain a policy, and nothing is pulled.
  const policy = join(folder, 'policy.json');
  await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  // buildah expects that a restart of the machine empties the folder of its state.
  const state = `/run/coxswain-images-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const store = ['--root', join(folder, 'store'), '--runroot', state];
  return async (command = '', ...argv) => {
    const signed = ['build', 'from', 'push'].includes(command) ? ['--signature-policy', policy] : [];
    const { code, stdout, output } = await run(['buildah', ...store, command, ...signed, ...argv], {
      // Does not need a container runtime.
      environment: { BUILDAH_ISOLATION: 'chroot' },
      // Installing the packages takes minutes on a small machine: the limit only ends what hangs.
      limitSeconds: 3_600,
    });
    if (code !== 0) throw new Error(`buildah ${command} exited with ${code}:\n${output.slice(-4_000)}`);
    return stdout.trim();
  };
};
