import { setTimeout as wait } from 'node:timers/promises';
import * as v from 'valibot';
import { outputPath, parseOutputPath, type BlobPath } from '../../contracts/blob-paths.ts';
import { BlockMessage } from '../../contracts/block.ts';
import type { JobId } from '../../contracts/ids.ts';
import { defaultTiming } from '../../compute/orchestrator/timing.ts';
import { eventTypes } from '../../local/durable-host/durable-host.ts';
import { buildBlobCreatedEvent, type BlobCreatedEvent } from '../../local/event-grid/blob-created-event.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../test/fixtures/orchestrator/orchestrator-fixture.ts';
import { countExecutions, type Executions } from './executions.ts';
import { countRequests, runUncounted } from './storage-operations.ts';

/** The cost of a job at the orchestrator. Bytes are of JSON. */
export type JobCost = Executions & {
  seconds: number;
  /** The functions that events and the start triggered. */
  triggers: number;
  /** The bytes of all histories of the job at its end. */
  historyBytes: number;
  /** The bytes that all episodes replayed together. */
  replayedBytes: number;
  storageOperations: number;
};

/** `single`: one event per delivery, as a storage queue delivers them on Azure. `grouped`: as the local relay does. */
export type Delivery = 'single' | 'grouped';

/**
 * Runs a job on the embedded host in the mode `replay`, and measures its cost. Storage is real. The worker takes no time: it writes an
 * output for each message.
 */
export const measureReplay = async (blocks: number, delivery: Delivery): Promise<JobCost> => {
  const fixture = await openOrchestratorFixture();
  const counts: Executions = { episodes: 0, activities: 0, replaySeconds: 0 };
  try {
    const platform = await openTestOrchestrator(fixture, {
      sessions: 'replay',
      timing: defaultTiming,
      wrap: (registry) => countExecutions(registry, counts),
    });
    const hosts = [...fixture.connectionString.matchAll(/http:\/\/([^/]+)\//g)].map(([, host = '']) => host);
    const requests = countRequests(hosts);
    startInstantWorker(fixture);
    const deliveries = deliverEvents(fixture, platform, delivery);
    const began = performance.now();
    const id = await startComputeJob(platform, { inputCount: blocks, blockSize: 1 });
    while ((await platform.client.status(id))?.runtimeStatus !== 'Completed') await wait(20);
    const seconds = (performance.now() - began) / 1000;
    requests.stop();
    const job = await platform.view(id);
    if (job.state !== 'completed') throw new Error(`${id} ended as ${job.state}: ${job.message}`);
    return {
      ...counts,
      ...(await measureHistories(platform, id)),
      seconds,
      triggers: 1 + deliveries(),
      storageOperations: requests.count(),
    };
  } finally {
    await fixture.stopAll();
    await fixture.close();
  }
};

/** Starts a worker that writes an output for each message, as many at once as it receives. */
const startInstantWorker = ({ storage, releases }: OrchestratorFixture): void => {
  const stopping = new AbortController();
  const compute = async (text: string): Promise<void> => {
    const { job, block } = v.parse(BlockMessage, JSON.parse(text));
    const verdict = { v: 1, job, block, state: 'done', output: block };
    await storage.blobs.putOnce(outputPath(job, block), JSON.stringify(verdict));
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const messages = await storage.input.receive(32, 60);
      await Promise.all(
        messages.map(async (message) => {
          await compute(message.text);
          await storage.input.delete(message);
        }),
      );
      if (messages.length === 0) await wait(20);
    }
  };
  const running = runUncounted(run);
  releases.push(async () => {
    stopping.abort();
    await running;
  });
};

/** Delivers an event for each new output. Returns a function that returns the number of deliveries. */
const deliverEvents = (
  { listeners, releases }: OrchestratorFixture,
  { app, client }: TestOrchestrator,
  delivery: Delivery,
): (() => number) => {
  let waiting: BlobCreatedEvent[] = [];
  let delivering: Promise<void> | undefined;
  let [sequence, count] = [0, 0];
  const deliver = async (): Promise<void> => {
    while (waiting.length > 0) {
      if (delivery === 'grouped') await wait(150);
      const events = waiting;
      waiting = [];
      for (const group of delivery === 'grouped' ? [events] : events.map((event) => [event])) {
        count += 1;
        await app.events[0]?.handle(group, client);
      }
    }
    delivering = undefined;
  };
  const onCreated = (path: BlobPath): void => {
    if (!parseOutputPath(path)) return;
    sequence += 1;
    waiting.push(buildBlobCreatedEvent('bench', { path, bytes: 1, etag: '' }, sequence));
    delivering ??= deliver();
  };
  listeners.add(onCreated);
  releases.push(async () => {
    listeners.delete(onCreated);
    await delivering;
  });
  return () => count;
};

/** Measures the histories of a job, its groups and its batches. Each episode replays everything before its `OrchestratorStarted`. */
const measureHistories = async (
  { client }: TestOrchestrator,
  job: JobId,
): Promise<Pick<JobCost, 'historyBytes' | 'replayedBytes'>> => {
  const { instances } = await client.list({ prefix: `batch-${job.slice(4)}-`, top: 1_000 });
  let [historyBytes, replayedBytes] = [0, 0];
  for (const id of [job, ...instances.map(({ instanceId }) => instanceId)]) {
    let bytes = 0;
    for (const event of (await client.history(id)) ?? []) {
      if (event.EventType === eventTypes.OrchestratorStarted) replayedBytes += bytes;
      bytes += JSON.stringify(event).length;
    }
    historyBytes += bytes;
  }
  return { historyBytes, replayedBytes };
};
