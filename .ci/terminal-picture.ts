import { runCoxswain } from '../test/fixtures/cli-process.ts';
import type { LocalPlatform } from '../test/fixtures/local-platform.ts';

const styles: Readonly<Record<string, string>> = {
  '1': 'font-weight:600',
  '32': 'color:#7ee787',
  '36': 'color:#79c0ff',
};

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const escape = String.fromCharCode(27);
const styled = new RegExp(`${escape}\\[(\\d+)m([^${escape}]*)${escape}\\[\\d+m`, 'g');

/** Renders the few styles that the command line uses. */
const renderStyles = (text: string): string =>
  escapeHtml(text).replaceAll(styled, (_, style: string, inside: string) => {
    const css = styles[style];
    return css === undefined ? inside : `<span style="${css}">${inside}</span>`;
  });

const commands = ['run Report days=5', 'compute 100 samples=2000', 'jobs --limit 5'];

/** Runs commands of `coxswain` on a platform, and returns a terminal with them and their output, as HTML. */
export const renderTerminal = async (platform: LocalPlatform): Promise<string> => {
  const parts: string[] = [];
  for (const command of commands) {
    const { output } = await runCoxswain([...command.split(' '), '--data', platform.folder], {
      environment: { FORCE_COLOR: '1' },
    });
    const line = `<span style="color:#8b949e">$</span> coxswain ${escapeHtml(command)}`;
    parts.push(`${line}\n${renderStyles(output.replaceAll(` --data ${platform.folder}`, '').trimEnd())}`);
  }
  return `<pre style="margin:0;padding:16px 20px;border-radius:6px;background:#0d1117;color:#e6edf3;font-size:13px;line-height:1.45;white-space:pre-wrap">${parts.join('\n\n')}</pre>`;
};
