import { describe, expect, test } from '@jest/globals';
import { createScreen, type ScreenOutput } from '../../../cli/thread/screen.ts';

const terminal = (size: Partial<ScreenOutput>) => {
  const written: string[] = [];
  const write = ((text: string) => written.push(text) > 0) as ScreenOutput['write'];
  const out: ScreenOutput = { isTTY: true, columns: 20, rows: 10, ...size, write };
  return { written, out };
};
const reply = (body: string) => ({ id: 1, body, created_at: '', user: { login: 'b', type: 'Bot' } });

describe('the screen', () => {
  test('in a terminal, each state replaces the previous one, however many lines that had', () => {
    const { out, written } = terminal({});
    const { show } = createScreen('octavia', '/compute 1', out);
    show({ reactions: [], reply: undefined });
    show({ reactions: ['eyes'], reply: reply('one two three four five') });
    show({ reactions: ['eyes', 'rocket'], reply: reply('done') });
    expect(written).toEqual([
      'octavia  /compute 1\n',
      '\u001B[1A\u001B[0J',
      'octavia  /compute 1\n  👀\n  │ one two three\n  │ four five\n',
      '\u001B[4A\u001B[0J',
      'octavia  /compute 1\n  👀 🚀\n  │ done\n',
    ]);
  });

  test('content that is taller than the terminal is overwritten as far as it is visible', () => {
    const { out, written } = terminal({ rows: 3 });
    const { show } = createScreen('o', '/tasks', out);
    show({ reactions: [], reply: reply('- a\n- b\n- c') });
    show({ reactions: [], reply: reply('d') });
    expect(written[1]).toBe('\u001B[2A\u001B[0J');
  });

  test('elsewhere only new lines are printed, unbroken', () => {
    const { out, written } = terminal({ isTTY: false });
    const { show } = createScreen('octavia', '/run Hello\n/help', out);
    show({ reactions: ['eyes'], reply: reply('running, and this is quite a long line') });
    show({ reactions: ['eyes'], reply: reply('running, and this is quite a long line\n\nmore') });
    show({ reactions: ['eyes'], reply: reply('running, and this is quite a long line\n\nmore') });
    expect(written).toEqual([
      'octavia  /run Hello\n         /help\n  👀\n  │ running, and this is quite a long line\n',
      '  │ more\n',
    ]);
  });
});
