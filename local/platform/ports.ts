import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../../contracts/problem.ts';
import { listen, PortInUseError } from '../../runtime/http-server.ts';

const PlatformPorts = v.object({
  github: v.number(),
  orchestrator: v.number(),
  bot: v.number(),
  blob: v.number(),
  queue: v.number(),
});
export type PlatformPorts = v.InferOutput<typeof PlatformPorts>;

/** The servers of a local platform, in the order of their ports from the base port. */
const listeners: readonly [name: keyof PlatformPorts, what: string][] = [
  ['github', 'the embedded GitHub'],
  ['orchestrator', 'the orchestrator'],
  ['bot', 'the bot'],
  ['blob', 'the blobs'],
  ['queue', 'the queues'],
];

/** Binds all ports (0: a free one) before it closes any, so that all differ. @throws PortInUseError */
const bindPorts = async (
  selectPort: (name: keyof PlatformPorts, index: number) => number,
): Promise<PlatformPorts> => {
  const bound = await Promise.allSettled(
    listeners.map(([name, what], index) => listen(() => {}, { what, port: selectPort(name, index) })),
  );
  for (const one of bound) if (one.status === 'fulfilled') await one.value.close();
  const ports = bound.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value.port;
  });
  return v.parse(PlatformPorts, Object.fromEntries(listeners.map(([name], index) => [name, ports[index]])));
};

/**
 * Returns the ports of a local platform: five from `base`. For 0, the ports that the data folder had before, so that links in older
 * replies keep working, or else any free ports.
 * @throws PortInUseError if one of the five ports from `base` is in use
 */
export const choosePorts = async (folder: string, base: number): Promise<PlatformPorts> => {
  if (base > 0) return bindPorts((_name, index) => base + index);
  const path = join(folder, 'ports.json');
  const text = await readFile(path, 'utf8').catch(() => '');
  const before = parseJson(PlatformPorts, text);
  const ports = (before.ok ? await tryPorts(before.value) : undefined) ?? (await bindPorts(() => 0));
  await mkdir(folder, { recursive: true });
  await writeFile(path, JSON.stringify(ports));
  return ports;
};

const tryPorts = async (ports: PlatformPorts): Promise<PlatformPorts | undefined> => {
  try {
    return await bindPorts((name) => ports[name]);
  } catch (error) {
    if (error instanceof PortInUseError) return undefined;
    throw error;
  }
};
