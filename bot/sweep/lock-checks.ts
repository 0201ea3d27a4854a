import { LRUCache } from 'lru-cache';

/** The sweeps after a command in which a repository's locks are checked: the command may still run during the first. */
const sweepsAfterCommand = 2;

/** The maximum time between two checks, in milliseconds, for locks that nobody took in a comment. */
const maxIntervalMilliseconds = 6 * 3_600_000;

/**
 * Decides in which sweeps a repository's locks are checked, because each check calls the orchestrator: while it has a lock that ends with a
 * thread, after a comment with a command, which may take one, and every six hours.
 */
export class LockChecks {
  readonly #now: () => number;
  /** By the repository's id. A repository that is missing was never checked. */
  readonly #repositories = new LRUCache<number, { sweepsLeft: number; checkedAt: number }>({ max: 10_000 });

  /** @param now the clock, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  isDue(repository: number): boolean {
    const found = this.#repositories.get(repository);
    return !found || found.sweepsLeft > 0 || this.#now() - found.checkedAt >= maxIntervalMilliseconds;
  }

  /** Records a comment with a command, or a reply to one. */
  recordCommand(repository: number): void {
    const found = this.#repositories.get(repository);
    if (found) found.sweepsLeft = sweepsAfterCommand;
  }

  /** Records a check. @param hasLocks whether a lock ends with a thread */
  recordCheck(repository: number, hasLocks: boolean): void {
    const before = this.#repositories.get(repository)?.sweepsLeft ?? sweepsAfterCommand;
    const sweepsLeft = hasLocks ? sweepsAfterCommand : Math.max(0, before - 1);
    this.#repositories.set(repository, { sweepsLeft, checkedAt: this.#now() });
  }
}
