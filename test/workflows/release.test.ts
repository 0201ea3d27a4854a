import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';

/* Runs `.ci/release` as the release workflow does; a script that records its calls replaces GitHub's CLI. */

let folder: string;
const fileIn = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coxswain-release-'));
  writeFileSync(
    fileIn('gh'),
    `#!/bin/sh
echo "$*" >> "${fileIn('asked')}"
case "$*" in
  *matching-refs*) cat "${fileIn('tags')}" ;;
  *git/ref/*) [ -e "${fileIn('major')}" ] ;;
  "release view"*) [ -e "${fileIn('released')}" ] ;;
esac
`,
  );
  chmodSync(fileIn('gh'), 0o755);
});
beforeEach(() => {
  for (const name of ['asked', 'tags', 'major', 'released']) rmSync(fileIn(name), { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Releases a tag of a repository with these tags. @returns the requested changes on GitHub */
const release = (tag: string, tags: readonly string[]): string[] => {
  writeFileSync(fileIn('tags'), tags.map((one) => `refs/tags/${one}\n`).join(''));
  const { status, stderr } = spawnSync('bash', ['.ci/release'], {
    encoding: 'utf8',
    env: {
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
      GITHUB_REPOSITORY: 'acme/coxswain',
      GITHUB_REF_NAME: tag,
      GITHUB_SHA: 'c0ffee',
    },
  });
  expect([status, stderr]).toEqual([0, '']);
  const asked = existsSync(fileIn('asked')) ? readFileSync(fileIn('asked'), 'utf8').trim().split('\n') : [];
  return asked.filter((one) => /release create|--method/.test(one));
};

const created = (tag: string) =>
  `release create ${tag} --repo acme/coxswain --verify-tag --title ${tag} --generate-notes dist/coxswain-${tag.slice(1)}.tgz dist/orchestrator.zip`;
const moved = 'api --method PATCH repos/acme/coxswain/git/refs/tags/v1 -f sha=c0ffee -F force=true --silent';

test('the first version is released, and the tag of its major version is created', () => {
  expect(release('v1.0.0', ['v1.0.0'])).toEqual([
    created('v1.0.0'),
    'api --method POST repos/acme/coxswain/git/refs -f ref=refs/tags/v1 -f sha=c0ffee --silent',
  ]);
});

test('a newer version moves the tag, compared as numbers', () => {
  writeFileSync(fileIn('major'), '');
  expect(release('v1.10.0', ['v1.10.0', 'v1.9.1', 'v1.9.0'])).toEqual([created('v1.10.0'), moved]);
});

test('a fix of an older version does not move the tag', () => {
  writeFileSync(fileIn('major'), '');
  expect(release('v1.9.2', ['v1.10.0', 'v1.9.1', 'v1.9.2'])).toEqual([created('v1.9.2')]);
});

test('a tag that only looks like a version is ignored', () => {
  writeFileSync(fileIn('major'), '');
  expect(release('v1.9.2', ['v1.9.2', 'v1.99.0-beta'])).toEqual([created('v1.9.2'), moved]);
});

test('a second run creates no second release', () => {
  writeFileSync(fileIn('major'), '');
  writeFileSync(fileIn('released'), '');
  expect(release('v1.2.3', ['v1.2.3'])).toEqual([moved]);
});

test('nothing is published before the recorded histories have been replayed', () => {
  const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as {
    jobs: Record<string, { needs?: string; steps: { run?: string }[] }>;
  };
  const steps = jobs['gate']?.steps.map(({ run = '' }) => run) ?? [];
  expect(steps.filter((run) => run === 'npm run histories -- --check')).toHaveLength(1);
  expect(jobs['publish']?.needs).toBe('gate');
});
