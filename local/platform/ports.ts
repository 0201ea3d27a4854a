import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readJson } from '../../contracts/problem.ts';
import { listen, PortInUse } from '../../runtime/http-server.ts';

const Ports = v.object({
  github: v.number(),
  orchestrator: v.number(),
  bot: v.number(),
  blob: v.number(),
  queue: v.number(),
});
export type Ports = v.InferOutput<typeof Ports>;

/** What listens on a local platform, in the order of its ports from the base port on. */
const listeners: readonly [name: keyof Ports, what: string][] = [
  ['github', 'the embedded GitHub'],
  ['orchestrator', 'the orchestrator'],
  ['bot', 'the bot'],
  ['blob', 'the blobs'],
  ['queue', 'the queues'],
];

/** Binds all, for 0 a free one, and only then lets go of them: so all differ. @throws PortInUse */
const probe = async (portOf: (name: keyof Ports, index: number) => number): Promise<Ports> => {
  const bound = await Promise.allSettled(
    listeners.map(([name, what], index) => listen(() => {}, { what, port: portOf(name, index) })),
  );
  for (const one of bound) if (one.status === 'fulfilled') await one.value.close();
  const ports = bound.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value.port;
  });
  return v.parse(Ports, Object.fromEntries(listeners.map(([name], index) => [name, ports[index]])));
};

/**
 * The ports of a local platform: five from `base` on. For 0 those that the data folder had before, so that links in older
 * replies go on working, or else any free ones.
 * @throws PortInUse if one from `base` on is taken
 */
export const choosePorts = async (folder: string, base: number): Promise<Ports> => {
  if (base > 0) return probe((_name, index) => base + index);
  const path = join(folder, 'ports.json');
  const text = await readFile(path, 'utf8').catch(() => '');
  const before = readJson(Ports, text);
  const ports = (before.ok ? await kept(before.value) : undefined) ?? (await probe(() => 0));
  await mkdir(folder, { recursive: true });
  await writeFile(path, JSON.stringify(ports));
  return ports;
};

const kept = async (ports: Ports): Promise<Ports | undefined> => {
  try {
    return await probe((name) => ports[name]);
  } catch (error) {
    if (error instanceof PortInUse) return undefined;
    throw error;
  }
};
