import { BlockInput, BlockMessage } from '../../contracts/block.ts';
import { canceledPath, outputPath, type BlobPath } from '../../contracts/blob-paths.ts';
import type { OrchestratorApp } from '../../compute/orchestrator/durable.ts';
import { startWorker as startProgram, type WorkerOptions } from '../../compute/worker/worker.ts';
import * as v from 'valibot';
import {
  log,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../fixtures/orchestrator/orchestrator-fixture.ts';
import { testAlgorithms } from '../fixtures/orchestrator/test-algorithms.ts';

type TestWorkerOptions = {
  /** Called before each block. `drop` deletes the message without a result. */
  before?: (block: number) => Promise<'work' | 'drop'> | 'work' | 'drop';
};

/** Starts a minimal worker: it receives messages, computes, writes verdicts once, and deletes the messages. */
export const startFakeWorker = (
  { storage, releases }: OrchestratorFixture,
  { before = () => 'work' }: TestWorkerOptions = {},
) => {
  const stopping = new AbortController();
  const work = async (text: string) => {
    const message = v.parse(BlockMessage, JSON.parse(text));
    if (await storage.blobs.exists(canceledPath(message.job))) return;
    const body = await storage.blobs.get(message.path as BlobPath);
    if (!body || (await before(message.block)) === 'drop') return;
    const input = v.parse(BlockInput, JSON.parse(body.toString()));
    await storage.blobs.putOnce(
      outputPath(message.job, message.block),
      JSON.stringify(await computeVerdict(input)),
    );
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const messages = await storage.input.receive(32, 30);
      await Promise.all(
        messages.map(async (message) => {
          await work(message.text);
          await storage.input.delete(message);
        }),
      );
      if (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 15));
    }
  };
  const running = loop();
  const stop = async () => {
    stopping.abort();
    await running;
  };
  releases.push(stop);
  return { stop };
};

/** Starts the real worker with these algorithms. */
export const startRealWorker = (
  { storage, releases }: OrchestratorFixture,
  algorithms: WorkerOptions['algorithms'],
): void => {
  const worker = startProgram({
    storage,
    algorithms,
    slots: 8,
    visibilitySeconds: 10,
    exitWhenIdleSeconds: Infinity,
    log,
  });
  releases.push(() => worker.stop(1_000));
};

const computeVerdict = async ({
  job,
  block,
  algorithm,
  parameters,
  inputs,
}: BlockInput): Promise<unknown> => {
  const fails = String(parameters['fail']).split(',').includes(String(block)) || parameters['fail'] === 'all';
  if (fails)
    return { v: 1, job, block, state: 'failed', error: { code: 'compute-failed', message: `no ${block}` } };
  const output = await testAlgorithms
    .get(algorithm)
    ?.compute(inputs, parameters, new AbortController().signal);
  return { v: 1, job, block, state: 'done', output };
};

const toBlobCreatedEvent = (path: string) => {
  const [container, ...name] = path.split('/');
  return {
    topic: '/subscriptions/s',
    subject: `/blobServices/default/containers/${container}/blobs/${name.join('/')}`,
    eventType: 'Microsoft.Storage.BlobCreated',
    eventTime: new Date().toISOString(),
    id: `${path}-${Math.random()}`,
    data: { api: 'PutBlob' },
    dataVersion: '',
    metadataVersion: '1',
  };
};

/** Passes the events of created blobs to the app's event function in batches; `change` can repeat, reorder or drop them. */
export const startFakeRelay = (
  fixture: OrchestratorFixture,
  platform: Pick<TestOrchestrator, 'client'> & { app: OrchestratorApp },
  change = <T>(events: T[]) => events,
) => {
  let waiting: string[] = [];
  let delivering: Promise<void> = Promise.resolve();
  const deliver = async (before: Promise<void>) => {
    await before;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const events = change(waiting.map((each) => toBlobCreatedEvent(each)));
    waiting = [];
    await platform.app.events[0]?.handle(events, platform.client);
  };
  const created = (path: string) => {
    waiting.push(path);
    if (waiting.length > 1) return;
    delivering = deliver(delivering);
  };
  fixture.listeners.add(created);
  fixture.releases.push(async () => {
    fixture.listeners.delete(created);
    await delivering;
  });
};
