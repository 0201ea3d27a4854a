import type { Leases } from '../../compute/client/index.ts';

/** Distinguishes two steps of one run that request a job with the same id. */
export type StepClaims = {
  /**
   * Claims a job for one execution of a step. The same execution can claim it again after a restart.
   *
   * @param scope the repository's scope, from `toScope`
   * @param ids the job's id in this attempt of the run, then its ids in later attempts
   * @param execution an id that no other step of the run has
   * @returns false if another step has claimed it; then no step can claim it in later attempts either, because they would be
   *   indistinguishable
   */
  claim(scope: string, ids: readonly [string, ...string[]], execution: string): Promise<boolean>;
};

/** In seconds. Most runs are not re-run after that. */
const claimLeaseSeconds = 7 * 86_400;

/** Returns claims that are leases of the orchestrator, like those of comments. */
export const createStepClaims = (leases: Pick<Leases, 'take'>): StepClaims => ({
  claim: async (scope, [id, ...later], execution) => {
    const take = (job: string, holder: string) =>
      leases.take(`entry/${scope}/${job}`, holder, claimLeaseSeconds);
    if (await take(id, execution)) return true;
    for (const job of later) await take(job, 'called-twice');
    return false;
  },
});
