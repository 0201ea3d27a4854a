import { createHash } from 'node:crypto';
import { chmod, cp, glob, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { run } from '../verify/run.ts';
import type { Buildah } from './buildah.ts';
import { copyInto, copyProgram, listLibraries, writeSystemFiles } from './stand-in-bases.ts';

/** Where the packages of the Azure CLI are in the image. */
export const cliFolder = '/usr/lib/azure-cli';

/** The programs that the runner and our sample scripts call. */
const programs = ['sh', 'bash', 'env', 'cat', 'grep', 'find', 'mkfifo', 'rm', 'chmod', 'id', 'sleep'];

/** The parts of a Python installation. `stdlib` and `packages` are folders. */
const Python = v.object({
  program: v.string(),
  version: v.string(),
  stdlib: v.string(),
  packages: v.string(),
});
type Python = v.InferOutput<typeof Python>;

/**
 * Builds a stand-in for `mcr.microsoft.com/azure-cli` with the Azure CLI that pip has installed: bash, a few programs, Python and `az`.
 * It has no Node and, as Azure Linux, no user with our number. Returns its reference.
 * @param az the path of the installed CLI
 */
export const buildAzureCliBase = async (buildah: Buildah, az: string): Promise<string> => {
  const python = await inspectPython(join(dirname(az), 'python'));
  const reference = `localhost/coxswain-stand-in-azure-cli:${await computeDigest(python)}`;
  if ((await buildah('images', '--quiet', '--filter', `reference=${reference}`)) !== '') return reference;
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-base-'));
  try {
    await assembleSystem(join(folder, 'root'), python);
    const lines = [
      'FROM scratch',
      `COPY --from=packages / ${cliFolder}/`,
      'COPY --chown=0:0 root/ /',
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ];
    await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
    const packages = `--build-context=packages=${python.packages}`;
    await buildah('build', '--timestamp', '0', packages, '--tag', reference, folder);
    return reference;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const inspection = `
import json, sys, sysconfig
print(json.dumps({"program": sys._base_executable, "version": sys.version,
  "stdlib": sysconfig.get_path("stdlib"), "packages": sysconfig.get_path("purelib")}))
`;

const inspectPython = async (program: string): Promise<Python> => {
  const { code, stdout, output } = await run([program, '-c', inspection]);
  if (code !== 0) throw new Error(`${program} exited with ${code}: ${output}`);
  return v.parse(Python, JSON.parse(stdout));
};

const computeDigest = async (python: Python): Promise<string> =>
  createHash('sha256')
    .update(JSON.stringify(python))
    .update(await readFile(import.meta.filename))
    .digest('hex')
    .slice(0, 12);

const assembleSystem = async (root: string, { program, stdlib, packages }: Python): Promise<void> => {
  await writeSystemFiles(root);
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await mkdir(join(root, 'usr/bin'), { recursive: true });
  await symlink('usr/bin', join(root, 'bin'));
  for (const name of programs) await copyProgram(root, await findProgram(name), `/usr/bin/${name}`);
  await copyProgram(root, program);
  // All of the C library, as every base has it, but not the C++ libraries.
  for (const library of await listLibraries([process.execPath]))
    if (!/stdc\+\+|gcc_s/.test(library)) await copyInto(root, library);
  const unused = new Set(
    ['site-packages', 'test', 'idlelib', 'ensurepip', 'lib2to3'].map((name) => join(stdlib, name)),
  );
  await mkdir(join(root, dirname(stdlib)), { recursive: true });
  await cp(stdlib, join(root, stdlib), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !unused.has(source),
  });
  const modules = await Array.fromAsync(glob([`${stdlib}/lib-dynload/*.so`, `${packages}/**/*.so`]));
  for (const library of await listLibraries(modules))
    // Packages bring libraries of their own with them.
    if (!library.startsWith(packages)) await copyInto(root, library);
  const az = join(root, 'usr/bin/az');
  await writeFile(
    az,
    `#!/bin/sh\nexport PYTHONPATH=${cliFolder} AZ_INSTALLER=DOCKER\nexec ${program} -m azure.cli "$@"\n`,
  );
  await chmod(az, 0o755);
};

const findProgram = async (name: string): Promise<string> => {
  const { code, stdout } = await run(['sh', '-c', 'command -v "$0"', name]);
  if (code !== 0) throw new Error(`${name} is not installed`);
  return stdout.trim();
};
