import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { inputDefaults } from '../../action/inputs/input-definitions.ts';
import { outputNames } from '../../action/report/outputs.ts';
import { readPolicy } from '../../chatops/policy/index.ts';
import { CallerSettings } from '../../compute/orchestrator/auth/settings.ts';
import { readSettings } from '../../runtime/settings.ts';

/* Parses the examples in README.md and docs/action.md with the code that reads them. */

type Step = { uses?: string; with?: object };
type Fragment = { jobs?: Record<string, { steps: Step[] }>; steps?: Step[]; version?: number };

const text = ['README.md', 'docs/action.md'].map((path) => readFileSync(path, 'utf8')).join('\n');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);

const fragments = blocks('yaml').map((block) => ({ block, is: parse(block) as Fragment }));
const stepsOf = ({ jobs, steps = [] }: Fragment): Step[] =>
  jobs ? Object.values(jobs).flatMap((job) => job.steps) : steps;

describe('the examples', () => {
  const steps = fragments.flatMap(({ is }) => stepsOf(is)).filter(({ uses }) => uses !== undefined);

  test('of workflows pin the Action to a commit, and use only inputs that exist', () => {
    expect(steps.length).toBeGreaterThan(4);
    expect(new Set(steps.map(({ uses }) => uses))).toEqual(new Set(['OWNER/coxswain@COMMIT']));
    const named = steps.flatMap((step) => Object.keys(step.with ?? {}));
    expect(named.filter((name) => !(name in inputDefaults))).toEqual([]);
    const read = [...text.matchAll(/steps\.\w+\.outputs\.([a-z-]+)/g)].map(([, name = '']) => name);
    expect(read.filter((name) => !(outputNames as readonly string[]).includes(name))).toEqual([]);
  });

  test('of policies are valid', () => {
    const policies = fragments.filter(({ is }) => stepsOf(is).length === 0);
    expect(policies).toHaveLength(2);
    for (const { block } of policies) expect(readPolicy(block)).toHaveProperty('policy');
  });

  test('of trust rules are valid', () => {
    const rules = blocks('json');
    expect(rules).toHaveLength(2);
    for (const rule of rules)
      expect(
        readSettings(CallerSettings, { COXSWAIN_TRUST: rule, COXSWAIN_ENTRA_AUDIENCE: 'api://x' })
          .COXSWAIN_TRUST,
      ).toHaveLength(1);
  });
});
