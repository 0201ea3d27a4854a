import { spawn } from 'node:child_process';
import { mkdir, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../verify/run.ts';
import type { ImageConfig } from './image-archive.ts';

type ContainerOptions = {
  /** Distinguishes containers that run at the same time. */
  name?: string;
  /** The folder for its files. */
  folder: string;
  root: string;
  config: ImageConfig;
  environment: Readonly<Record<string, string>>;
  /** The name of its network namespace. */
  network: string;
  /** The container's writable folders, and files that replace those of the image, each with its path on this machine. */
  volumes: Readonly<Record<string, string>>;
};

/** A running container. */
export type Container = {
  /** Its process with the ID 1, in our process namespace. */
  pid: () => Promise<number>;
  /** Runs a program in it. */
  execute: (command: readonly [string, ...string[]]) => ReturnType<typeof run>;
  signal: (signal: 'TERM' | 'KILL') => Promise<void>;
  /** Resolves to its exit code. */
  exited: Promise<number>;
  /** What it has written so far. */
  output: () => string;
};

/** Runs an image with runc as a restricted pod does: as its own user, with a read-only root, without capabilities. */
export const startContainer = async (options: ContainerOptions): Promise<Container> => {
  const { folder, name = 'image' } = options;
  // Also the name of its cgroup.
  const id = `coxswain-${name}-${process.pid}`;
  await mkdir(folder, { recursive: true });
  const runc = ['runc', '--root', join(folder, 'state')] as const;
  const { code, output: problem } = await run([...runc, 'spec', '--bundle', folder]);
  if (code !== 0) throw new Error(`runc spec exited with ${code}: ${problem}`);
  const file = join(folder, 'config.json');
  const template = JSON.parse(await readFile(file, 'utf8')) as RuntimeSpec;
  await writeFile(file, JSON.stringify(buildSpec(template, options)));

  const child = spawn(runc[0], [...runc.slice(1), 'run', '--bundle', folder, id], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 128));
  });
  return {
    pid: async () => {
      const state = await run([...runc, 'state', id]);
      if (state.code !== 0) throw new Error(`the container does not run: ${state.output}`);
      return (JSON.parse(state.stdout) as { pid: number }).pid;
    },
    execute: (command) => run([...runc, 'exec', id, ...command]),
    signal: async (signal) => void (await run([...runc, 'kill', id, signal])),
    exited,
    output: () => output,
  };
};

/** The parts of a runtime's configuration that we change. Source: https://github.com/opencontainers/runtime-spec/blob/main/config.md */
type RuntimeSpec = {
  process: object;
  mounts: object[];
  linux: { namespaces: { type: string; path?: string }[] };
};

const capabilitySets = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'];

const buildSpec = (
  template: RuntimeSpec,
  { root, config, environment, network, volumes }: ContainerOptions,
): object => {
  const [uid, gid] = config.User.split(':').map(Number);
  return {
    ...template,
    root: { path: root, readonly: true },
    process: {
      ...template.process,
      terminal: false,
      user: { uid, gid },
      args: config.Entrypoint,
      env: [...config.Env, ...Object.entries(environment).map((entry) => entry.join('='))],
      cwd: config.WorkingDir,
      noNewPrivileges: true,
      capabilities: Object.fromEntries(capabilitySets.map((name) => [name, []])),
    },
    mounts: [
      ...template.mounts,
      ...Object.entries(volumes).map(([destination, source]) => ({
        destination,
        source,
        type: 'bind',
        options: ['bind', 'rw'],
      })),
    ],
    linux: {
      ...template.linux,
      namespaces: template.linux.namespaces.map((namespace) =>
        namespace.type === 'network' ? { ...namespace, path: `/run/netns/${network}` } : namespace,
      ),
    },
  };
};
