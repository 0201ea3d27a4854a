import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { getSteps, getWorkflowFile, workflowFiles } from '../fixtures/workflow-files.ts';

/** The exact permissions of each job. A job that is not listed here, or has more permissions, fails the test. */
const permissions: Record<string, Record<string, Record<string, 'read' | 'write'>>> = {
  ci: { gate: { contents: 'read' } },
  chatops: {
    command: {
      contents: 'read',
      issues: 'write',
      'pull-requests': 'write',
      'id-token': 'write',
    },
  },
  dispatch: { run: { contents: 'read', 'id-token': 'write' } },
  schedule: { compute: { contents: 'read', 'id-token': 'write' } },
  sweep: {
    sweep: {
      contents: 'read',
      issues: 'write',
      'pull-requests': 'write',
      'id-token': 'write',
    },
  },
  release: {
    gate: { contents: 'read' },
    publish: { contents: 'write', 'id-token': 'write', attestations: 'write' },
  },
};

describe.each(workflowFiles)('$path', (file) => {
  const { name, text, workflow } = file;

  test('its jobs have minimal permissions, and the workflow itself has none', () => {
    expect(workflow.permissions).toEqual({});
    const given = Object.entries(workflow.jobs).map(([job, one]) => [job, one.permissions]);
    expect(Object.fromEntries(given)).toEqual(permissions[name]);
  });

  test('third-party actions are pinned to a commit, with a comment for the version', () => {
    const used = [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, uses = '']) => uses);
    expect(used).toHaveLength(getSteps(file).filter(({ uses }) => uses !== undefined).length);
    for (const uses of used) expect(uses).toMatch(/^(?:\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
  });

  test('a checkout persists no token', () => {
    for (const { uses, with: given } of getSteps(file))
      if (uses?.startsWith('actions/checkout@')) expect(given?.['persist-credentials']).toBe(false);
  });

  test('no value is interpolated into a script: scripts read values from their environment', () => {
    for (const { run } of getSteps(file)) expect(run ?? '').not.toContain('${{');
  });

  test('a command is a literal: values are passed through `parameters`', () => {
    for (const step of getSteps(file)) expect(step.with?.['command'] ?? '').not.toContain('${{');
  });

  test('no code of a pull request runs with a secret', () => {
    const on = Object.keys(workflow.on);
    expect(on).not.toContain('pull_request_target');
    expect(on).not.toContain('workflow_run');
    if (on.includes('pull_request')) expect(text).not.toMatch(/secrets\.|id-token|: write/);
    for (const step of getSteps(file)) expect(step.with ?? {}).not.toHaveProperty('ref');
  });
});

test('the same version of an action everywhere', () => {
  const used = workflowFiles.flatMap(getSteps).flatMap(({ uses }) => (uses?.includes('@') ? [uses] : []));
  const actions = new Set(used.map((uses) => uses.split('@')[0]));
  expect(new Set(used).size).toBe(actions.size);
});

describe('chatops.yml', () => {
  const { workflow } = getWorkflowFile('chatops');

  test('has no `concurrency`: of the runs that wait in a group GitHub keeps only the newest, and a command would be lost', () => {
    expect([workflow, ...Object.values(workflow.jobs)].filter((part) => 'concurrency' in part)).toEqual([]);
  });

  test('runs on created and edited comments, and uses no runner for a comment that cannot contain a command', () => {
    expect(workflow.on).toEqual({ issue_comment: { types: ['created', 'edited'] } });
    expect(workflow.jobs['command']?.if).toBe("contains(github.event.comment.body, '/')");
  });
});

test('sweep.yml runs at sensible intervals, off the hour, or on request', () => {
  const { on } = getWorkflowFile('sweep').workflow;
  expect(on).toEqual({ schedule: [{ cron: '7,22,37,52 * * * *' }], workflow_dispatch: null });
});

type Contract = { inputs: Record<string, { required?: boolean }>; outputs: Record<string, unknown> };
const action = existsSync('action.yml') ? (parse(readFileSync('action.yml', 'utf8')) as Contract) : undefined;

describe.each(workflowFiles)('$path and action.yml', (file) => {
  const ours = getSteps(file).filter(({ uses }) => uses === './/');

  test('it sets only existing inputs of the Action, and all required ones', () => {
    const { inputs = {} } = action ?? {};
    const required = Object.keys(inputs).filter((input) => inputs[input]?.required === true);
    for (const { with: given = {} } of ours) {
      expect(Object.keys(given).filter((input) => !(input in inputs))).toEqual([]);
      expect(required.filter((input) => !(input in given))).toEqual([]);
    }
  });

  test('it branches only on existing outputs', () => {
    const { outputs = {} } = action ?? {};
    for (const { id } of ours) {
      const used = file.text.matchAll(new RegExp(`steps\\.${id ?? '-'}\\.outputs\\.([\\w-]+)`, 'g'));
      expect([...used].map(([, output = '']) => output).filter((output) => !(output in outputs))).toEqual([]);
    }
  });
});
