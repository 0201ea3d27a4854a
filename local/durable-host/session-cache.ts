import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { messageOf, type HistoryEvent } from './session/history-events.ts';
import { Session } from './session/session.ts';
import type { InstanceRow, Store } from './store/store.ts';

/** `live`: generators stay in memory between episodes. `replay`: each episode replays the whole history, as on Azure. */
export type SessionMode = 'live' | 'replay';

export type SessionsOptions = {
  store: Store;
  registry: Registry;
  mode: SessionMode;
  log: Logger;
};

/** An instance's code cannot be run against its history, or at all. Its message is for the instance's owner. */
export class Unplayable extends Error {
  override name = 'Unplayable';
}

/** The most generators in memory; beyond that, the one that was idle the longest is replayed when it is needed. */
const mostLive = 1_000;

/** The generators of the instances at work: the most recent in memory, all others brought back from their history. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #live: LRUCache<string, Session>;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#live = new LRUCache({ max: options.mode === 'live' ? mostLive : 1 });
  }

  /**
   * The session of an instance, at the end of its history.
   * @param now the time of the episode, which is the start if there was none before
   * @throws Unplayable
   */
  of(row: InstanceRow, now: string | undefined): Session {
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

  forget(id: string): void {
    this.#live.delete(id);
  }

  /** Drops all: after a rollback they are ahead of the store. */
  clear(): void {
    this.#live.clear();
  }

  #replayed(row: InstanceRow, now: string | undefined): Session {
    const { store, registry, log } = this.#options;
    const history = store.history.all(row.id).map((text) => JSON.parse(text) as HistoryEvent);
    const orchestration = Object.hasOwn(registry.orchestrations, row.name)
      ? registry.orchestrations[row.name]
      : undefined;
    if (!orchestration) throw new Unplayable(`There is no orchestration '${row.name}'`);
    try {
      const session = new Session({
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
      throw new Unplayable(messageOf(cause), { cause });
    }
  }
}
