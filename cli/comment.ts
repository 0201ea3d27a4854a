import { parseCommands } from '../chatops/command/index.ts';
import { readOutcome } from '../chatops/reply/render-reply.ts';
import { readOptions, UsageError } from './options.ts';
import { dataFolder } from '../local/platform/data-folder.ts';
import { readPlatformFile, type PlatformFile } from '../local/platform/platform-file.ts';
import { runCli } from './run-cli.ts';
import { followComment } from './thread/follow-comment.ts';
import { createGitHubClient } from './thread/github-client.ts';
import { createSignInAddress } from './thread/sign-in.ts';
import { createScreen } from './thread/screen.ts';

const help = `
npm run say -- "COMMENT" [--as LOGIN] [--issue N] [--data DIR] [--timeout S]
npm run say -- --open [--data DIR]

Adds a comment on the embedded GitHub of a running local platform, and shows its reply until it is final. Exits with 0 if
the command succeeded, otherwise with 1. With --open, it only prints an address that signs in one browser within an hour.

  COMMENT         for example "/compute 100", "/run Hello who=world", "/help"
  --as LOGIN      the author (default: the first person with write access)
  --issue N       the number of the issue (default: the first issue)
  --data DIR      the data folder of the platform (default: .coxswain)
  --timeout S     how long to wait for the final reply, in seconds (default: 3600)
`;

await runCli(async () => {
  const { values, positionals } = readOptions(
    help,
    {
      as: { type: 'string' },
      issue: { type: 'string' },
      data: { type: 'string' },
      timeout: { type: 'string' },
      open: { type: 'boolean' },
    },
    { maxArguments: 1 },
  );
  const [body] = positionals;
  if (values.open) return printSignInAddress(dataFolder(values.data), body);
  if (body === undefined || body.trim() === '')
    throw new UsageError('The comment is missing. For example: npm run say -- "/compute 100"');
  const issueGiven = parseNumber(values.issue, undefined, '--issue');
  const limit = parseNumber(values.timeout, 3600, '--timeout');
  const platform = await readPlatformFile(dataFolder(values.data));
  const { login, token } = getWriter(platform.github, values.as);
  const client = createGitHubClient(platform, token);
  const issue = issueGiven ?? platform.github.issue;
  const comment = await client.comment(issue, body);
  const display = createScreen(login, body);
  if (parseCommands(body).length === 0) {
    display.show({ reactions: [], reply: undefined });
    console.log('This comment contains no command, so it gets no reply. Try "/help".');
    return 1;
  }
  const outcome = await followComment(platform, client, issue, comment, display.show, limit);
  const isBad = outcome.reactions.includes('confused') || readOutcome(outcome.reply?.body ?? '') === 'badly';
  return isBad ? 1 : 0;
});

async function printSignInAddress(folder: string, body: string | undefined): Promise<number> {
  if (body !== undefined) throw new UsageError('--open: cannot be combined with a comment.');
  const platform = await readPlatformFile(folder);
  console.log(await createSignInAddress(platform, platform.github.page));
  return 0;
}

function getWriter({ users, token }: PlatformFile['github'], login: string | undefined) {
  const found = users.find((user) => (login === undefined ? user.token === token : user.login === login));
  if (found) return found;
  throw new UsageError(
    `--as: there is no user ${login}. Users: ${users.map((user) => user.login).join(', ')}.`,
  );
}

function parseNumber<F>(value: string | undefined, fallback: F, name: string): number | F {
  if (value === undefined) return fallback;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new UsageError(`${name}: expected a number from 1, received ${JSON.stringify(value)}.`);
}
