import { createConcurrencyLimit } from '../../../runtime/async/concurrency.ts';
import { resolvesWithin } from '../../../runtime/async/timeout.ts';
import { applyEpisode, prepareEpisode, type Episode, type Episodes } from '../episode.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { HostContext } from '../instances.ts';
import { toErrorMessage, toJson, type HistoryEvent } from '../session/history-events.ts';
import { failedOutcome, type EpisodeOutcome, type ExecutionEnd } from '../session/session.ts';
import { ActionReplay, type ReplayOutcome } from './action-replay.ts';
import { readState, type OrchestratorState } from './orchestrator-state.ts';
import { createTrigger, type HostedRegistry } from './trigger.ts';

export type HostedEpisodesOptions = {
  context: HostContext;
  orchestrations: HostedRegistry['orchestrations'];
  groupCommit: () => GroupCommit;
};

/** The maximum number of concurrent episodes. */
const maxEpisodes = 10;

/**
 * Runs episodes in a Functions app: at most one of an instance at a time. The app is called outside of transactions, with committed data.
 * Its answer counts only if the same execution still runs then; otherwise, the next episode calls the app again.
 */
export class HostedEpisodes implements Episodes {
  readonly #options: HostedEpisodesOptions;
  readonly #limit = createConcurrencyLimit(maxEpisodes);
  /** The instances whose episode runs or waits. */
  readonly #running = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  #ready: string[] = [];
  #isClosed = false;

  constructor(options: HostedEpisodesOptions) {
    this.#options = options;
  }

  run(id: string): void {
    this.#options.context.readyIds.delete(id);
    this.#ready.push(id);
  }

  /** Starts the marked episodes. An instance whose episode runs gets the next one after it. */
  dispatch(): void {
    for (const id of this.#ready.splice(0)) {
      if (this.#running.has(id)) continue;
      this.#running.add(id);
      const run = this.#limit(() => this.#run(id)).finally(() => this.#pending.delete(run));
      this.#pending.add(run);
    }
  }

  clear(): void {
    this.#ready = [];
  }

  /** Starts no more episodes, and waits up to `graceMilliseconds` for those that run. */
  async close(graceMilliseconds: number): Promise<void> {
    this.#isClosed = true;
    await resolvesWithin(graceMilliseconds, Promise.all(this.#pending));
  }

  async #run(id: string): Promise<void> {
    const { context, groupCommit } = this.#options;
    try {
      await this.#runEpisode(id);
      this.#running.delete(id);
      if (this.#isClosed || !prepareEpisode(context, id)) return;
      context.readyIds.add(id);
      groupCommit().wake();
    } catch (error) {
      this.#running.delete(id);
      context.log.error(
        { err: error, instance: id },
        'could not run an episode; it runs with the next event',
      );
    }
  }

  async #runEpisode(id: string): Promise<void> {
    const { context, groupCommit } = this.#options;
    const episode = this.#isClosed ? undefined : prepareEpisode(context, id);
    if (!episode) return;
    const outcome = await this.#call(episode);
    await groupCommit().record(() => {
      if (isCurrent(context, episode)) applyEpisode(context, episode, outcome);
    });
  }

  /** Calls the app for an episode. Never throws: an error is the end of the execution. */
  async #call(episode: Episode): Promise<EpisodeOutcome> {
    const { context, orchestrations } = this.#options;
    const { row } = episode;
    try {
      const orchestration = Object.hasOwn(orchestrations, row.name) ? orchestrations[row.name] : undefined;
      if (!orchestration) throw new Error(`The orchestration '${row.name}' is not registered`);
      const past = context.store.history.all(row.id).map((text) => JSON.parse(text) as HistoryEvent);
      const news = episode.events.map((text) => JSON.parse(text) as HistoryEvent);
      const state = await readState(orchestration(createTrigger(row, past, news)));
      return toOutcome(state, new ActionReplay(state.actions[0]).play([...past, ...news]));
    } catch (error) {
      return failedOutcome(toErrorMessage(error));
    }
  }
}

/** Returns whether an episode's execution still runs. */
const isCurrent = ({ store }: HostContext, { row }: Episode): boolean => {
  const now = store.instances.get(row.id);
  return now !== undefined && now.execution === row.execution && now.status === row.status;
};

const toOutcome = (
  { customStatus, ...state }: OrchestratorState,
  { scheduled, canceledTimers, isComplete, nextInput }: ReplayOutcome,
): EpisodeOutcome => ({
  scheduled,
  canceledTimers,
  customStatus: customStatus === undefined ? null : toJson(customStatus),
  end: isComplete ? toEnd(state, nextInput) : undefined,
  pendingTimers: 0,
});

const toEnd = (
  { isDone, output, error }: OrchestratorState,
  nextInput: string | undefined,
): ExecutionEnd | undefined => {
  if (error !== undefined) return { status: 'Failed', message: error };
  if (nextInput !== undefined) return { status: 'ContinuedAsNew', input: nextInput };
  return isDone ? { status: 'Completed', output: toJson(output) } : undefined;
};
