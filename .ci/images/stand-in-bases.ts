import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../verify/run.ts';
import type { Buildah } from './buildah.ts';

/*
 * Stands in for the base images of our Dockerfiles where no image registry can be reached. Both are assembled from files of this machine,
 * so they contain its C library. Node is the version in package-lock.json.
 */

/** The references of the base images, by the build argument of our Dockerfiles. */
export type Bases = { BUILD_BASE: string; BASE: string };

/** Like `gcr.io/distroless/nodejs24-debian13:nonroot`: Node, its libraries and certificates, but no shell. */
const assembleDistroless = async (root: string): Promise<void> => {
  await writeSystemFiles(root);
  await copyInto(root, '/etc/ssl/certs/ca-certificates.crt');
  await copyProgram(root, process.execPath, '/nodejs/bin/node');
};

/** Like `node:24-bookworm-slim`, as far as our build stage needs it: Node, npm and a shell. */
const assembleBuildBase = async (root: string): Promise<void> => {
  await writeSystemFiles(root);
  await copyProgram(root, process.execPath, '/usr/local/bin/node');
  await copyProgram(root, '/bin/sh');
  await copyProgram(root, '/usr/bin/env');
  await copyInto(root, await findNpm(), '/usr/local/lib/node_modules/npm');
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
};

export const writeSystemFiles = async (root: string): Promise<void> => {
  const homes = { root: 'root', nonroot: 'home/nonroot' };
  for (const folder of ['etc', 'tmp', ...Object.values(homes)])
    await mkdir(join(root, folder), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  const toUser = (name: keyof typeof homes, id: number) =>
    `${name}:x:${id}:${id}:${name}:/${homes[name]}:/sbin/nologin\n`;
  await writeFile(join(root, 'etc/passwd'), toUser('root', 0) + toUser('nonroot', 65_532));
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
};

/** Returns the folder of npm, whose program `npm` is a link to `bin/npm-cli.js` in it. */
const findNpm = async (): Promise<string> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const program = folders.map((folder) => join(folder, 'npm')).find((path) => existsSync(path));
  if (program === undefined) throw new Error('npm is not installed');
  return join(await realpath(program), '../..');
};

/** Copies a program with the libraries that it is linked with. */
export const copyProgram = async (root: string, program: string, target = program): Promise<void> => {
  await copyInto(root, program, target);
  for (const library of await listLibraries([program])) await copyInto(root, library);
};

/** Returns the paths of the libraries that programs or libraries are linked with. */
export const listLibraries = async (files: readonly string[]): Promise<Set<string>> => {
  const { stdout } = await run(['ldd', ...files]);
  // The lines "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)" and "/lib64/ld-linux-x86-64.so.2 (0x…)".
  return new Set([...stdout.matchAll(/(?:=>|^)\s+(\/\S+) \(0x/gm)].map(([, path = '']) => path));
};

/** Copies a file or folder of this machine. Links are replaced with what they point to. */
export const copyInto = async (root: string, source: string, target = source): Promise<void> => {
  await mkdir(dirname(join(root, target)), { recursive: true });
  await cp(source, join(root, target), { recursive: true, dereference: true });
};

/** Builds the base images. If nothing has changed, buildah returns the existing ones. */
export const buildStandInBases = async (buildah: Buildah): Promise<Bases> => {
  const build = async (name: string, assemble: (root: string) => Promise<void>, settings: string[]) => {
    const folder = await mkdtemp(join(tmpdir(), 'coxswain-base-'));
    try {
      await assemble(join(folder, 'root'));
      const lines = ['FROM scratch', 'COPY --chown=0:0 root/ /', ...settings];
      await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
      const reference = `localhost/coxswain-${name}:latest`;
      await buildah('build', '--layers', '--timestamp', '0', '--tag', reference, folder);
      return reference;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return {
    BUILD_BASE: await build('stand-in-build-base', assembleBuildBase, []),
    BASE: await build('stand-in-base', assembleDistroless, ['USER 65532', 'WORKDIR /home/nonroot']),
  };
};
