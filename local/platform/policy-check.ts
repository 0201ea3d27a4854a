import { openPolicyReader } from '../../bot/policy-check/policy-reader.ts';
import { formatProblemMessage } from '../../bot/policy-check/problem-message.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { FileCheck } from '../github-emulator/page/file-check.ts';

/** Returns the check of the policy on the page, with the reader that the bot uses. `releases` closes its process. */
export const openPolicyCheck = (releases: Releases, log: Logger): FileCheck => {
  const reader = openPolicyReader(log);
  releases.add('the policy check', () => reader.close());
  return {
    path: '.github/coxswain.yml',
    check: async (text) => {
      const reading = await reader.read(text);
      if (!('mistakes' in reading)) return [];
      return reading.mistakes.map((problem) => ({
        line: problem.line,
        message: formatProblemMessage(problem),
      }));
    },
  };
};
