import type { Logger } from '../../../runtime/log.ts';
import { logPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient } from '../durable.ts';
import { isLive } from '../job/instances.ts';
import { createEventStream } from './event-stream.ts';
import { LogBlocks } from './log-blocks.ts';
import { formatLogEvents } from './log-events.ts';
import { LogWatch } from './log-watch.ts';

/** The maximum number of streams of one process, well below the number of connections that it accepts. */
const defaultMaxStreams = 1_000;
/** Load balancers of Azure close a request after 230 s. */
const defaultStreamMilliseconds = 200_000;

export type LogStreamOptions = {
  blobs: Blobs;
  log: Logger;
  maxStreams?: number;
  /** The duration of a stream. */
  streamMilliseconds?: number;
};

type SharedWatch = { watch: LogWatch; clients: Set<Pick<DurableClient, 'status'>> };

/** The streams of logs. All streams of one job share one watch of its log, from the first to the last of them. */
export class LogStreams {
  readonly #options: Required<LogStreamOptions>;
  readonly #blocks: LogBlocks;
  readonly #watches = new Map<JobId, SharedWatch>();
  #streams = 0;

  constructor(options: LogStreamOptions) {
    this.#options = {
      maxStreams: defaultMaxStreams,
      streamMilliseconds: defaultStreamMilliseconds,
      ...options,
    };
    this.#blocks = new LogBlocks(options.blobs);
  }

  /** The number of jobs whose logs are watched. */
  get watched(): number {
    return this.#watches.size;
  }

  /** Opens a stream of a task's log from a byte offset on. Returns undefined if there are too many streams. */
  open(
    job: JobId,
    offset: number,
    client: Pick<DurableClient, 'status'>,
  ): ReadableStream<Uint8Array> | undefined {
    const { maxStreams, streamMilliseconds } = this.#options;
    if (this.#streams >= maxStreams) return undefined;
    this.#streams += 1;
    // The set needs an own object for each stream.
    const own = { status: (id: string) => client.status(id) };
    const shared = this.#watches.get(job) ?? this.#startWatch(job, own);
    shared.clients.add(own);
    const end = (): void => {
      this.#streams -= 1;
      shared.clients.delete(own);
      if (shared.clients.size > 0) return;
      shared.watch.stop();
      this.#watches.delete(job);
    };
    return createEventStream(
      (signal) =>
        formatLogEvents({
          offset,
          watch: shared.watch,
          read: (from, length) => this.#blocks.read(job, from, length),
          signal,
        }),
      { maxMilliseconds: streamMilliseconds, onEnd: end },
    );
  }

  #startWatch(job: JobId, first: Pick<DurableClient, 'status'>): SharedWatch {
    const { blobs, log } = this.#options;
    const clients = new Set([first]);
    const watch = new LogWatch(
      async () => {
        const [client = first] = clients;
        // The job is read before its log: if it has ended, the log is complete.
        const status = await client.status(job);
        const isComplete = !status || !isLive(status);
        return { isComplete, length: (await blobs.getLength(logPath(job))) ?? 0 };
      },
      (error) => log.warn({ err: error, job }, 'could not poll a log: retrying'),
    );
    const shared = { watch, clients };
    this.#watches.set(job, shared);
    return shared;
  }
}
