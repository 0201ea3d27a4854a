import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sleep, type Clock } from './async/clock.ts';
import type { Logger } from './log.ts';

/** The interval between reads of the files. A changed value counts when two reads in a row return it. */
const pollMilliseconds = 5_000;

type SettingsInFiles = {
  /** The values by setting, each without its trailing line break. */
  values: Record<string, string>;
  /** What is wrong with the files that cannot be read, by setting. */
  unreadable: Record<string, string>;
  /** The file of each setting. */
  origins: Record<string, string>;
};

type WatchOptions = { log: Logger; signal: AbortSignal; clock?: Clock };

/**
 * Settings in files, such as a mounted Secret: `<NAME>_FILE` is the path of a file with the value of the setting `<NAME>`. Programs read
 * settings once, so a program stops when a file has another value, and its supervisor, such as the kubelet, restarts it. The files are read
 * repeatedly, because network volumes and Kubernetes, which replaces a symbolic link in the path, send no events for them.
 */
export class SettingFiles {
  readonly #paths: ReadonlyMap<string, string>;
  /** A digest of the value that the program uses, by setting. The values themselves are not kept. */
  readonly #used = new Map<string, string>();

  /** @param names the settings that can be in files */
  constructor(names: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
    this.#paths = new Map(
      names.flatMap((name) => {
        const path = environment[`${name}_FILE`];
        return path === undefined || path === '' ? [] : [[name, path]];
      }),
    );
  }

  /** Reads all files. */
  async read(): Promise<SettingsInFiles> {
    const { values, unreadable, origins }: SettingsInFiles = { values: {}, unreadable: {}, origins: {} };
    for (const [name, path] of this.#paths) {
      origins[name] = `file ${path}`;
      try {
        values[name] = await readValue(path);
        this.#used.set(name, toDigest(values[name]));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        unreadable[name] =
          `${name}_FILE: expected a readable file, received ${JSON.stringify(path)} (${code})`;
      }
    }
    return { values, unreadable, origins };
  }

  /**
   * Resolves when files have had other values than those that were read, for two reads in a row. A file that is missing or empty, or
   * still being written, does not count.
   * Never resolves after the signal is aborted.
   */
  async waitForChange({ log, signal, clock }: WatchOptions): Promise<'changed files'> {
    if (this.#used.size === 0) return new Promise(() => {});
    const unreadable = new Set<string>();
    let before = this.#used;
    for (;;) {
      await sleep(pollMilliseconds, { signal, ...(clock && { clock }) });
      if (signal.aborted) return new Promise(() => {});
      const now = await this.#readDigests(unreadable, log);
      const changed = [...now].filter(([name, digest]) => digest !== this.#used.get(name));
      if (changed.length > 0 && changed.every(([name, digest]) => digest === before.get(name))) {
        log.warn({ files: changed.map(([name]) => `${name}_FILE`) }, 'settings in files have changed');
        return 'changed files';
      }
      before = now;
    }
  }

  /** Returns the digests of the current values. A file without a value has the digest that is used. */
  async #readDigests(unreadable: Set<string>, log: Logger): Promise<Map<string, string>> {
    const digests = new Map<string, string>();
    for (const [name, path] of this.#paths) {
      const value = await readValue(path).catch(() => '');
      if (value === '' && !unreadable.has(name))
        log.warn(
          { file: `${name}_FILE` },
          'a file with a setting cannot be read or is empty: using the last value',
        );
      if (value === '') unreadable.add(name);
      else unreadable.delete(name);
      digests.set(name, value === '' ? this.#used.get(name)! : toDigest(value));
    }
    return digests;
  }
}

const readValue = async (path: string): Promise<string> =>
  (await readFile(path, 'utf8')).replace(/\r?\n$/, '');

const toDigest = (value: string): string => createHash('sha256').update(value).digest('base64');
