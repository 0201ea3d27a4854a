import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readJson } from '../../compute/formats/problem.ts';
import { listen, PortInUse } from '../../runtime/serve.ts';

/** What listens on a local platform, in the order of its ports from the base port on. */
const listeners = ['github', 'orchestrator', 'bot', 'blob', 'queue'] as const;
const Ports = v.object({
  github: v.number(),
  orchestrator: v.number(),
  bot: v.number(),
  blob: v.number(),
  queue: v.number(),
});
export type Ports = v.InferOutput<typeof Ports>;

/** Binds and lets go: the number that was bound, for 0 a free one. @throws PortInUse */
const probe = async (port: number, what: string): Promise<number> => {
  const server = await listen(() => {}, { what, port });
  await server.close();
  return server.port;
};

const probeAll = async (portOf: (what: keyof Ports, index: number) => number): Promise<Ports> => {
  const found = await Promise.all(
    listeners.map(async (what, index) => [what, await probe(portOf(what, index), `the ${what}`)]),
  );
  return v.parse(Ports, Object.fromEntries(found));
};

/**
 * The ports of a local platform: five from `base` on. For 0 those that the data folder had before, so that links in older
 * replies go on working, or else any free ones.
 * @throws PortInUse if one from `base` on is taken
 */
export const choosePorts = async (folder: string, base: number): Promise<Ports> => {
  if (base > 0) return probeAll((_what, index) => base + index);
  const path = join(folder, 'ports.json');
  const text = await readFile(path, 'utf8').catch(() => '');
  const before = readJson(Ports, text);
  const ports = (before.ok ? await kept(before.value) : undefined) ?? (await probeAll(() => 0));
  await mkdir(folder, { recursive: true });
  await writeFile(path, JSON.stringify(ports));
  return ports;
};

const kept = async (ports: Ports): Promise<Ports | undefined> => {
  try {
    return await probeAll((what) => ports[what]);
  } catch (error) {
    if (error instanceof PortInUse) return undefined;
    throw error;
  }
};
