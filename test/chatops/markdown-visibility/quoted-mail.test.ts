import { expect, test } from '@jest/globals';
import { defaultGrammar, parseCommands, parseComment } from '../../../chatops/command/index.ts';
import { checkVisibleLines } from '../../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import { summarizeCommands } from '../../fixtures/comments/parsed-commands.ts';

/* A reply by e-mail repeats the mail that it answers, and many programs do not put ">" before it: the commands in it are somebody else's. */

const command = '/run Hello who=x';
const footer =
  '—\nReply to this email directly, view it on GitHub<https://github.com/acme/ops/issues/1>, or unsubscribe<https://x.y>.\n' +
  'You are receiving this because you commented.Message ID: <acme/ops/issues/1/2@github.com>';

const quoted: Record<string, string> = {
  'Outlook on the web':
    'Thanks.\n\n________________________________\nFrom: tomas ***@***.***>\nSent: Monday, November 30, 2026 9:00 AM\nTo: acme/ops ***@***.***>\nSubject: Re: [acme/ops] Try it (Issue #1)\n\n' +
    `${command}\n\n${footer}`,
  Outlook: `Thanks.\n\nFrom: tomas <notifications@github.com>\nSent: Monday\nTo: acme/ops\n\n${command}`,
  'Outlook in German': `Danke\n\nVon: tomas\nGesendet: Montag\nAn: acme/ops\nBetreff: AW: Try it\n\n${command}`,
  'Outlook in French': `Merci\n\nDe : tomas\nEnvoyé : lundi\nÀ : acme/ops\nObjet : RE: Try it\n\n${command}`,
  'a header in bold': `**From:** tomas\n**Sent:** Monday\n**To:** acme/ops\n\n${command}`,
  'an original message': `Thanks.\n\n-----Original Message-----\nFrom: tomas\n\n${command}`,
  'a mail that is not quoted': `Thanks.\n\nOn Mon, Nov 30, 2026 at 9:00 AM tomas ***@***.***> wrote:\n\n${command}`,
  'a broken line': `Thanks.\n\nOn Mon, Nov 30, 2026 at 9:00 AM tomas\n***@***.***> wrote:\n\n${command}`,
  'a mail in German': `Danke\n\nAm 30.11.2026 um 09:00 schrieb tomas ***@***.***>:\n\n${command}`,
  'a header that we do not know': `Kiitos\n\n${command}\n\n${footer}`,
};

test.each(Object.entries(quoted))('no command in a quoted mail runs: %s', async (_, body) => {
  for (const text of [body, body.replaceAll('\n', '\r\n')]) {
    expect(summarizeCommands(text)).toEqual([]);
    const [item, ...more] = await parseComment(text, defaultGrammar, async (text, lines) =>
      checkVisibleLines({ text, lines }),
    );
    expect(more).toEqual([]);
    expect(item).toMatchObject({ errors: [{ code: 'unclear-text' }] });
  }
});

test('a command above the quoted mail runs', () => {
  const body = `/approve 3k7v9q2m4x\n\nFrom: tomas\nSent: Monday\nTo: acme/ops\n\n${command}\n\n${footer}`;
  expect(summarizeCommands(body)).toEqual(['/approve 3k7v9q2m4x']);
});

test.each([
  `On Mon, Nov 30, 2026 at 9:00 AM tomas wrote:\n\n> /run Deploy\n>\n> ${footer.replaceAll('\n', '\n> ')}\n\n${command}`,
  `On Monday Mona wrote:\n\n${command}`,
  `On 3 of 4 hosts the script wrote this:\n\n${command}`,
  `From: eu-west\nTo: eu-east\n\n${command}`,
  `Date: Monday\nOwner: mona@example.org\nRegion: eu\n\n${command}`,
  '```\nFrom: a\nTo: b\nSubject: c\n```\n' + command,
  `> From: a\n> To: b\n> Subject: c\n\n${command}`,
  `--- Results ---\n${command}`,
])('text that only resembles a mail hides nothing: %j', (body) => {
  expect(parseCommands(body)).toMatchObject([{ kind: 'command' }]);
});
