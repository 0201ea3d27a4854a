import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from 'durable-functions';
import {
  openDurableHost,
  type DurableHost,
  type DurableHostOptions,
  type HostClient,
  type SessionMode,
} from '../../../local/durable-host/index.ts';
import type { InstanceStatus, Registry, RuntimeStatus } from '../../../compute/orchestrator/durable.ts';
import { logger } from '../../../runtime/log.ts';

/** The steps of an orchestration that returns something, and of one that does not. */
export type Steps = Generator<Task, unknown, never>;
export type SilentSteps = Generator<Task, void, never>;
export const quiet = logger('test', 'silent');

const ended: readonly RuntimeStatus[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** A durable host on a real file in a folder of its own, which can be closed and opened again. */
export type Bed = {
  file: string;
  readonly client: HostClient;
  /** Closes the host and opens it again on the same file, perhaps with changed code. */
  reopen(registry?: Registry): Promise<void>;
  /** Resolves with the first status that fits. */
  when(id: string, fits: (status: InstanceStatus) => boolean): Promise<InstanceStatus>;
  ended(id: string): Promise<InstanceStatus>;
  /** Starts and waits for the end. */
  run(name: string, input?: unknown, id?: string): Promise<InstanceStatus>;
  close(): Promise<void>;
};

type Options = Partial<DurableHostOptions> & { sessions?: SessionMode };

export const openBed = async (registry: Registry, options: Options = {}): Promise<Bed> => {
  const folder = await mkdtemp(join(tmpdir(), 'durable-'));
  const file = join(folder, 'jobs.db');
  const open = (code: Registry): Promise<DurableHost> =>
    openDurableHost({
      file,
      registry: code,
      log: quiet,
      managementUris: () => ({}),
      graceMilliseconds: 50,
      ...options,
    });
  let host = await open(registry);

  const when: Bed['when'] = async (id, fits) => {
    for (;;) {
      const status = await host.client.status(id);
      if (status && fits(status)) return status;
      await sleep(2);
    }
  };
  const untilEnded: Bed['ended'] = (id) => when(id, ({ runtimeStatus }) => ended.includes(runtimeStatus));
  return {
    file,
    get client() {
      return host.client;
    },
    reopen: async (code = registry) => {
      await host.close();
      host = await open(code);
    },
    when,
    ended: untilEnded,
    run: async (name, input = null, id = `${name}-1`) => {
      await host.client.start(name, id, input);
      return untilEnded(id);
    },
    close: async () => {
      await host.close();
      await rm(folder, { recursive: true });
    },
  };
};

/** A promise to be settled from outside. */
export const gate = (): { opened: Promise<void>; open: () => void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
};
