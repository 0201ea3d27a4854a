import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { toErrorMessage, type HistoryEvent } from './session/history-events.ts';
import { anyTimer, extensionTimers } from './session/executor.ts';
import { OrchestrationSession } from './session/session.ts';
import type { InstanceRow, DurableStore } from './store/store.ts';

/**
 * `live`: keep generators in memory between episodes. `replay`: replay the whole history in each episode, with Azure's limits on timers.
 */
export type SessionMode = 'live' | 'replay';

export type SessionCacheOptions = {
  store: DurableStore;
  registry: Registry;
  mode: SessionMode;
  log: Logger;
};

/** The code of an instance does not exist or cannot be replayed with its history. The message is for the owner of the instance. */
export class UnplayableError extends Error {
  override name = 'UnplayableError';
}

/** The maximum number of generators in memory. The least recently used ones are dropped, and replayed when necessary. */
const maxLive = 1_000;

/** The generators of running instances: the most recently used ones are in memory, all others are restored from their histories. */
export class SessionCache {
  readonly #options: SessionCacheOptions;
  readonly #live: LRUCache<string, OrchestrationSession>;

  constructor(options: SessionCacheOptions) {
    this.#options = options;
    this.#live = new LRUCache({ max: options.mode === 'live' ? maxLive : 1 });
  }

  /**
   * Returns the session of an instance, at the end of its history.
   * @param now the time of the episode, which is the start of the first one
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

  dropSession(id: string): void {
    this.#live.delete(id);
  }

  /** Drops all sessions: after a rollback they are ahead of the store. */
  clear(): void {
    this.#live.clear();
  }

  #replayed(row: InstanceRow, now: string | undefined): OrchestrationSession {
    const { store, registry, mode, log } = this.#options;
    const history = store.history.all(row.id).map((text) => JSON.parse(text) as HistoryEvent);
    const orchestration = Object.hasOwn(registry.orchestrations, row.name)
      ? registry.orchestrations[row.name]
      : undefined;
    if (!orchestration) throw new UnplayableError(`The orchestration '${row.name}' is not registered`);
    try {
      const session = new OrchestrationSession({
        orchestration,
        name: row.name,
        instanceId: row.id,
        executionId: row.execution,
        parentId: row.parent ?? undefined,
        input: JSON.parse(row.input),
        startedAt: new Date(history[0]?.Timestamp ?? now ?? 0),
        timers: mode === 'live' ? anyTimer : extensionTimers,
        log,
      });
      if (history.length > 0) session.replay(history, row.scheduled);
      return session;
    } catch (cause) {
      throw new UnplayableError(toErrorMessage(cause), { cause });
    }
  }
}
