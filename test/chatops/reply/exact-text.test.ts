import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isVisibleInFull, showCharacters } from '../../../chatops/reply/exact-text.ts';
import { renderRequestTable } from '../../../chatops/reply/request-table.ts';
import { deceptiveValue, describeMismatch } from '../../fixtures/deceptive-values.ts';
import * as say from '../../../chatops/reply/answers/index.ts';
import { formatCommand, formatJob } from '../../../chatops/reply/headline.ts';
import { renderJobSection } from '../../../chatops/reply/job-section.ts';
import { jobAwaitingApproval, computeJob, jobId, jobAwaitingLock, taskJob } from '../../fixtures/jobs.ts';

describe('a value is shown without hidden characters', () => {
  test.each([
    ['web-1', 'web-1'],
    ['two words', 'two words'],
    ['web-1\u001b]0; and the database\u0007', 'web-1⟨U+001B⟩]0; and the database⟨U+0007⟩'],
    ['\u001b[8mhidden\u001b[0m', '⟨U+001B⟩[8mhidden⟨U+001B⟩[0m'],
    ['web-1\u{e0061}', 'web-1⟨U+E0061⟩'],
    ['web\u200b-\u20601\u00ad', 'web⟨U+200B⟩-⟨U+2060⟩1⟨U+00AD⟩'],
    ['web\u3164', 'web⟨U+3164⟩'],
    ['web\ufe0f', 'web⟨U+FE0F⟩'],
    ['⚙️', '⚙️'],
    ['a\nb\tc', 'a⟨U+000A⟩b⟨U+0009⟩c'],
    ['a\u00a0b', 'a⟨U+00A0⟩b'],
    ['a   b ', 'a ⟨U+0020⟩⟨U+0020⟩b⟨U+0020⟩'],
    [' ', '⟨U+0020⟩'],
    ['⟨U+001B⟩', '⟨U+27E8⟩U+001B⟩'],
    [String.raw`a\|b`, 'a⟨U+005C⟩|b'],
    ['\ud800', '⟨U+D800⟩'],
    ['web\u0336-1', 'web⟨U+0336⟩-1'],
    ['e\u0301\u0301 é', 'e⟨U+0301⟩⟨U+0301⟩ é'],
    ['\u0301a', '⟨U+0301⟩a'],
    ['ש\u05c1ל', 'ש\u05c1ל'],
    ['<!-- coxswain', '⟨U+003C⟩!-- coxswain'],
  ])('%j as %s', (value, shown) => {
    expect(showCharacters(value)).toBe(shown);
  });

  test('an approver reads exactly the value, whatever its characters', () => {
    fc.assert(
      fc.property(deceptiveValue, (value) => {
        fc.pre(value !== '' && isVisibleInFull(value));
        expect(describeMismatch(value)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('however long it is', () => {
    const value = 'x'.repeat(20_000);
    expect(renderRequestTable(computeJob({ request: { parameters: { who: value } } }))).toContain(
      `\`${value}\``,
    );
  });
});

test.each([
  ['web-1', true],
  ['design=flat', true],
  ['https://x.example/a?sv=1&sig=abc', false],
  ['AccountKey=abc;and=the+database', false],
])('%j is shown whole: %s', (value, whole) => {
  expect(isVisibleInFull(value)).toBe(whole);
});

test('wherever a command, a value or a reason is shown, nothing in it is hidden', () => {
  const hiding = 'web-1\u001b]0; and the database\u0007\u200b\u202e';
  const shown = 'web-1⟨U+001B⟩]0; and the database⟨U+0007⟩⟨U+200B⟩⟨U+202E⟩';
  const request = { taskName: 'Hello', parameters: [{ name: 'who', value: hiding }] };
  const { origin } = computeJob();
  const job = taskJob({
    origin: {
      ...origin,
      command: `/run Hello who=${hiding}`,
      notes: { inputs: { path: hiding, commit: 'a'.repeat(40) } },
    },
    request,
  });
  const position = { line: 1, column: 1 };
  const holder = {
    kind: 'person',
    person: { id: '7', name: 'mona' },
    reason: hiding,
    since: job.createdAt,
  } as const;
  const texts = [
    formatJob(job),
    renderJobSection(job, { isPublic: true, maxLength: 10_000 }),
    renderJobSection(taskJob({ state: 'canceled', reason: 'rejected', result: null, message: hiding }), {
      isPublic: true,
      maxLength: 10_000,
    }),
    renderJobSection(jobAwaitingLock({ holders: [holder] }), { isPublic: true, maxLength: 10_000 }),
    say.renderJobList([job], 0),
    say.renderAmbiguousJob('/cancel', [job]),
    say.renderPendingApprovals('/approve', [jobAwaitingApproval({ origin: job.origin })]),
    say.renderIdTaken('/run Hello', job, false),
    say.renderMissedCommands([formatCommand(job)]),
    say.renderParseErrors('/run', [
      { position, message: 'No', expected: 'x', received: hiding, suggestion: null },
    ]),
    say.renderParseErrors('/run', [
      { position, message: 'No', expected: null, received: null, suggestion: hiding },
    ]),
    say.renderUnreadableInputs('/compute', hiding, 'folder', null),
    say.renderInputReview(`/compute inputs=${hiding} ${'x'.repeat(2_000)}`, 'commit-missing'),
    say.renderNotStarted('/run', {
      outcome: 'refused',
      problem: { code: 'x', field: 'who', message: 'No', expected: 'a name', received: hiding },
    }),
  ];
  for (const text of texts) expect(text).toContain(shown);
  expect(say.renderRetryRefusal(`/retry ${jobId('a')} ${hiding}`, job, 'running')).toContain(shown);
});
