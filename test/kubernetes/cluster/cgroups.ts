import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { retry } from '../../../runtime/async/retry.ts';

/*
 * Control groups, of version 1 (a tree for each controller) or 2 (one tree). A kubelet removes groups of pods that it does not know, so
 * each node has its own root.
 */

const mountPoint = '/sys/fs/cgroup';

const isUnified = (): boolean => existsSync(join(mountPoint, 'cgroup.controllers'));

/** Returns the roots of the trees. Links, such as `cpu` to `cpu,cpuacct`, are left out. */
const listTrees = async (): Promise<string[]> => {
  if (!existsSync(mountPoint)) return [];
  if (isUnified()) return [mountPoint];
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(mountPoint, name));
};

/** Returns whether this process may create groups. */
export const canCreateCgroups = async (): Promise<boolean> => {
  try {
    const trees = await listTrees();
    for (const tree of trees) accessSync(tree, constants.W_OK);
    return trees.length > 0;
  } catch {
    return false;
  }
};

/** Creates a group in each tree. `path`: relative, with slashes. */
export const createCgroups = async (path: string): Promise<void> => {
  for (const tree of await listTrees()) {
    let parent = tree;
    for (const name of path.split('/')) {
      enableControllers(parent);
      const group = join(parent, name);
      await mkdir(group, { recursive: true });
      copyCpuset(group);
      parent = group;
    }
    enableControllers(parent);
  }
};

/** Version 2: groups have only the controllers that their parent enables for them. */
const enableControllers = (parent: string): void => {
  if (!isUnified()) return;
  const controllers = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const enabled = controllers.map((name) => `+${name}`).join(' ');
  writeFileSync(join(parent, 'cgroup.subtree_control'), enabled);
};

/** Version 1: a group of `cpuset` has no CPU until it is given some, and then takes no process. */
const copyCpuset = (group: string): void => {
  for (const name of ['cpuset.cpus', 'cpuset.mems'].filter((file) => existsSync(join(group, file))))
    if (!isUnified()) writeFileSync(join(group, name), readFileSync(join(dirname(group), name)));
};

/** Removes a group with its subgroups from each tree, and kills the processes that are left in them. */
export const removeCgroups = async (name: string): Promise<void> => {
  for (const tree of await listTrees()) {
    const root = join(tree, name);
    if (existsSync(root)) await removeGroup(root);
  }
};

const removeGroup = async (group: string): Promise<void> => {
  for (const entry of await readdir(group, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroup(join(group, entry.name));
  // A killed process leaves its group a little later.
  const backoff = { minMilliseconds: 20, maxMilliseconds: 500 };
  await retry(() => killAndRemove(group), { backoff, maxAttempts: 20 });
};

const killAndRemove = async (group: string): Promise<void> => {
  const pids = (await readFile(join(group, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean);
  for (const pid of pids) kill(Number(pid));
  await rmdir(group);
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
