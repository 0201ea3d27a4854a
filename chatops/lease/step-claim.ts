import type { Leases } from '../../compute/client/index.ts';

/** Keeps two steps of one run that ask for a job of the same id apart. */
export type StepClaims = {
  /**
   * Claims a job for one execution of a step. Its process may be started again, and claims it again.
   *
   * @param scope as `scopeOf` has it
   * @param ids the job's id in this attempt of the run, then those that it would have in later attempts
   * @param execution what no other step of the run has
   * @returns false if another step has claimed it; no step gets it in a later attempt then, since nobody could tell them apart
   */
  claim(scope: string, ids: readonly [string, ...string[]], execution: string): Promise<boolean>;
};

/** In seconds. Most runs are not started again later. */
const claimSeconds = 7 * 86_400;

/** Claims that the orchestrator keeps, as it keeps those of comments. */
export const stepClaims = (leases: Pick<Leases, 'take'>): StepClaims => ({
  claim: async (scope, [id, ...later], execution) => {
    const take = (job: string, holder: string) => leases.take(`entry/${scope}/${job}`, holder, claimSeconds);
    if (await take(id, execution)) return true;
    for (const job of later) await take(job, 'called-twice');
    return false;
  },
});
