import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../verify/run.ts';

/**
 * Calls a function with options of buildah that give the `RUN` steps of a build this machine's registry, credentials, certificates and
 * cache of npm. Mounts are not part of an image.
 */
export const withNpmMounts = async <T>(build: (options: string[]) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-npm-'));
  try {
    const settings = join(folder, 'npmrc');
    const authorities = (await getSetting('cafile')) || process.env['NODE_EXTRA_CA_CERTS'] || '';
    const cache = await getSetting('cache');
    await mkdir(cache, { recursive: true });
    const lines = [
      `registry=${await getSetting('registry')}`,
      ...(authorities ? [`cafile=${authorities}`] : []),
    ];
    await writeFile(settings, `${lines.join('\n')}\n`);
    const mounts = [
      // npm's global settings, if node is in /usr/local/bin.
      [settings, '/usr/local/etc/npmrc', 'ro'],
      [join(homedir(), '.npmrc'), '/root/.npmrc', 'ro'],
      [authorities, authorities, 'ro'],
      [cache, '/root/.npm', 'rw'],
    ];
    const existing = mounts.filter(([source = '']) => source !== '' && existsSync(source));
    return await build(existing.map((mount) => `--volume=${mount.join(':')}`));
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Returns a setting of npm; empty if it is not set. */
const getSetting = async (name: string): Promise<string> => {
  const value = (await run(['npm', 'config', 'get', name])).stdout.trim();
  return value === 'null' || value === 'undefined' ? '' : value;
};
