import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isShownWhole, showCharacters } from '../../../chatops/reply/exact-text.ts';
import { exactly } from '../../../chatops/reply/request-table.ts';
import { deceptiveValue, describeMismatch } from '../../fixtures/deceptive-values.ts';
import * as say from '../../../chatops/reply/answers/index.ts';
import { commandText, named } from '../../../chatops/reply/headline.ts';
import { jobSection } from '../../../chatops/reply/job-section.ts';
import { asking, compute, id, queueing, task } from '../../fixtures/jobs.ts';

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
        fc.pre(value !== '' && isShownWhole(value));
        expect(describeMismatch(value)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('however long it is', () => {
    const value = 'x'.repeat(20_000);
    expect(exactly(compute({ request: { parameters: { who: value } } }))).toContain(`\`${value}\``);
  });
});

test.each([
  ['web-1', true],
  ['design=flat', true],
  ['https://x.example/a?sv=1&sig=abc', false],
  ['AccountKey=abc;and=the+database', false],
])('%j is shown whole: %s', (value, whole) => {
  expect(isShownWhole(value)).toBe(whole);
});

test('wherever a command, a value or a reason is shown, nothing in it is hidden', () => {
  const hiding = 'web-1\u001b]0; and the database\u0007\u200b\u202e';
  const shown = 'web-1⟨U+001B⟩]0; and the database⟨U+0007⟩⟨U+200B⟩⟨U+202E⟩';
  const request = { taskName: 'Hello', parameters: [{ name: 'who', value: hiding }] };
  const { origin } = compute();
  const job = task({
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
    named(job),
    jobSection(job, { isPublic: true, room: 10_000 }),
    jobSection(task({ state: 'canceled', reason: 'rejected', result: null, message: hiding }), {
      isPublic: true,
      room: 10_000,
    }),
    jobSection(queueing({ holders: [holder] }), { isPublic: true, room: 10_000 }),
    say.statusList([job], 0),
    say.candidates('/cancel', [job]),
    say.waitingList('/approve', [asking({ origin: job.origin })]),
    say.idTaken('/run Hello', job, false),
    say.missed([commandText(job)]),
    say.mistakes('/run', [{ position, message: 'No', expected: 'x', received: hiding, suggestion: null }]),
    say.mistakes('/run', [{ position, message: 'No', expected: null, received: null, suggestion: hiding }]),
    say.inputsUnread('/compute', hiding, 'folder', null),
    say.readyCommand(`/compute inputs=${hiding} ${'x'.repeat(2_000)}`, 'commit-missing'),
    say.notStarted('/run', {
      outcome: 'refused',
      problem: { code: 'x', field: 'who', message: 'No', expected: 'a name', received: hiding },
    }),
  ];
  for (const text of texts) expect(text).toContain(shown);
  expect(say.notRetried(`/retry ${id('a')} ${hiding}`, job, 'running')).toContain(shown);
});
