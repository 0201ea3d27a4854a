import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { toErrorMessage, type HistoryEvent } from './session/history-events.ts';
import { OrchestrationSession } from './session/session.ts';
import type { InstanceRow, DurableStore } from './store/store.ts';

/** `live`: generators stay in memory between episodes. `replay`: each episode replays the whole history, as on Azure. */
export type SessionMode = 'live' | 'replay';

export type SessionCacheOptions = {
  store: DurableStore;
  registry: Registry;
  mode: SessionMode;
  log: Logger;
};

/** An instance's code cannot be run against its history, or at all. Its message is for the instance's owner. */
export class UnplayableError extends Error {
  override name = 'UnplayableError';
}

/** The most generators in memory; beyond that, the one that was idle the longest is replayed when it is needed. */
const maxLive = 1_000;

/** The generators of the instances at work: the most recent in memory, all others brought back from their history. */
export class SessionCache {
  readonly #options: SessionCacheOptions;
  readonly #live: LRUCache<string, OrchestrationSession>;

  constructor(options: SessionCacheOptions) {
    this.#options = options;
    this.#live = new LRUCache({ max: options.mode === 'live' ? maxLive : 1 });
  }

  /**
   * The session of an instance, at the end of its history.
   * @param now the time of the episode, which is the start if there was none before
   * @throws UnplayableError
   */
  get(row: InstanceRow, now: string | undefined): OrchestrationSession {
    const live = this.#options.mode === 'live' ? this.#live.get(row.id) : undefined;
    if (live?.executionId === row.execution) return live;
    this.#live.delete(row.id);
    const session = this.#replayed(row, now);
    this.#live.set(row.id, session);
    return session;
  }

  pendingTimers(id: string): number {
    return this.#live.peek(id)?.pendingTimers ?? 0;
  }

  dropSession(id: string): void {
    this.#live.delete(id);
  }

  /** Drops all: after a rollback they are ahead of the store. */
  clear(): void {
    this.#live.clear();
  }

  #replayed(row: InstanceRow, now: string | undefined): OrchestrationSession {
    const { store, registry, log } = this.#options;
    const history = store.history.all(row.id).map((text) => JSON.parse(text) as HistoryEvent);
    const orchestration = Object.hasOwn(registry.orchestrations, row.name)
      ? registry.orchestrations[row.name]
      : undefined;
    if (!orchestration) throw new UnplayableError(`There is no orchestration '${row.name}'`);
    try {
      const session = new OrchestrationSession({
        orchestration,
        name: row.name,
        instanceId: row.id,
        executionId: row.execution,
        parentId: row.parent ?? undefined,
        input: JSON.parse(row.input),
        startedAt: new Date(history[0]?.Timestamp ?? now ?? 0),
        log,
      });
      if (history.length > 0) session.replay(history, row.scheduled);
      return session;
    } catch (cause) {
      throw new UnplayableError(toErrorMessage(cause), { cause });
    }
  }
}
