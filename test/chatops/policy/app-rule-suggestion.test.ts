import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readPolicy, getRuleKeys, getWorkRules } from '../../../chatops/policy/index.ts';
import { permissionLevels, type PermissionLevel } from '../../../chatops/policy/permission-level.ts';
import type { AccessRule } from '../../../chatops/policy/policy.ts';
import { formatRuleWithApp } from '../../../chatops/policy/app-rule-suggestion.ts';

/** Names that YAML may read as something else, among ordinary ones. */
const name = fc.oneof(
  fc.constantFrom('null', 'true', 'no', 'on', '1e3', '0x1f', '123', 'y', 'nan', '2026-01-01'),
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}$/),
);

const task = fc.oneof(
  fc.constantFrom('*', 'null', 'true', 'no', 'On', 'y'),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,30}$/),
);

const rule: fc.Arbitrary<AccessRule> = fc
  .record({
    permission: fc.constantFrom(
      null,
      ...permissionLevels.filter((level): level is Exclude<PermissionLevel, 'none'> => level !== 'none'),
    ),
    everyone: fc.boolean(),
    teams: fc.array(
      fc.tuple(name, name).map(([org, slug]) => `${org}/${slug}`),
      { maxLength: 3 },
    ),
    users: fc.array(name, { maxLength: 3 }),
    bots: fc.array(
      fc.oneof(
        fc.constant('schedule'),
        name.map((slug) => `${slug}[bot]`),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ everyone, ...more }) => ({ ...more, everyone: everyone && more.permission === 'read' }));

test('the suggested lines are a policy that means the rule as it was, and the app’s bot', () => {
  fc.assert(
    fc.property(rule, name, task, (before, slug, task) => {
      const text = formatRuleWithApp(before, slug, { keys: ['tasks', task], isFirst: true });
      const read = readPolicy(text);
      if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes));
      const work = { kind: 'run', taskName: task } as const;
      expect(getRuleKeys(read.policy, work)).toEqual(['tasks', task]);
      const { allow } = task === '*' ? read.policy.otherTasks : getWorkRules(read.policy, work);
      expect(allow).toEqual({ ...before, bots: [...before.bots, `${slug}[bot]`] });
    }),
  );
});
