import { installTools } from '../../../.ci/verify/tools.ts';
import { compareReaders } from '../../../.ci/verify/markdown-visibility/compare.ts';
import { Oracle } from '../../../.ci/verify/markdown-visibility/oracle.ts';
import type { ChaosSearch } from '../search.ts';

/**
 * Searches for comments in which we see a command that GitHub does not show as text. cmark-gfm, which is GitHub's parser, and html5lib
 * read the same comments in a Python process. Without Python, the search reports that it was skipped.
 */
export const visibleCommands: ChaosSearch = {
  name: 'visible-commands',
  cases: 100_000,
  run: async (seed, cases) => {
    const { tools, missing } = await installTools(['python']);
    if (!tools.python) {
      console.log(`skipped visible-commands: ${missing.map(({ why }) => why).join('; ')}`);
      return [];
    }
    const oracle = new Oracle(tools.python);
    try {
      const { wrong, seen, refused } = await compareReaders(oracle, seed, cases);
      console.log(`    ${seen} commands seen by both, ${refused} by cmark-gfm alone`);
      return wrong.map((text) => `seen, but not shown as text: ${JSON.stringify(text)}`);
    } finally {
      await oracle.close();
    }
  },
};
