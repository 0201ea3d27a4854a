/** What a foreign program may try in order to come at what the program of ours that started it knows. */

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * A shell script that tries to read everything of its parent, its parent's parent and so on up to the first process, to signal them,
 * and to read the named files. It prints a line for each try that succeeds: `opens /proc/1/environ`, `signals 1`; then what anybody
 * may see of them, and of itself, lines that begin with `#`.
 */
export const attackOn = (files: readonly string[], folders: readonly string[]): string => `
opens() { ( : < "$1" ) 2>/dev/null && echo "opens $1"; }
lists() { ls "$1/" >/dev/null 2>&1 && echo "lists $1"; }
p=$PPID
while [ "$p" -gt 0 ]; do
  for f in environ mem maps auxv personality io stack pagemap smaps timers; do opens /proc/$p/$f; done
  for f in fd cwd root map_files task/$p/fd task/$p/cwd; do lists /proc/$p/$f; done
  for f in /proc/$p/task/*/environ /proc/$p/task/*/mem; do opens "$f"; done
  for n in 0 1 2 3 4 5 6 7 8 9 10 20 30; do opens /proc/$p/fd/$n; done
  kill -0 $p 2>/dev/null && echo "signals $p"
  printf '# '; tr '\\0\\n' '  ' < /proc/$p/cmdline; echo
  p=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$p/status)
done
for f in ${files.map(quoted).join(' ')}; do
  opens "$f"
  ( : >> "$f" ) 2>/dev/null && echo "writes $f"
  ( : < "/proc/self/cwd/../$(basename "$f")" ) 2>/dev/null && echo "climbs to $f"
done
for f in ${folders.map(quoted).join(' ')}; do
  lists "$f"
  ( : > "$f/planted" ) 2>/dev/null && echo "plants in $f"
done
env | sed 's/^/# env /'
sed -n 's/^\\(Uid\\|Gid\\|Groups\\|Cap...\\|NoNewPrivs\\):/# self \\1/p' /proc/self/status | tr '\\t' ' '
for n in /proc/self/fd/*; do readlink "$n" | sed "s|^|# fd $(basename "$n") |"; done
ls -ld . | sed 's/^/# folder /'
echo "# in $(pwd)"
if [ "$(ps -o sid= -p $$ 2>/dev/null | tr -d ' ')" = "$$" ] || [ "$(sed 's/.*) //' /proc/self/stat | cut -d' ' -f4)" = "$$" ]; then echo '# session of its own'; fi
case $PWD in */task-*/work) : > left-behind ;; esac
true
`;

export type Findings = {
  /** What it should not have been able to do. */
  found: string[];
  /** What anybody may see. */
  seen: string;
};

export const findingsOf = (text: string): Findings => {
  const lines = text.split('\n').filter(Boolean);
  return {
    found: lines.filter((line) => !line.startsWith('#')),
    seen: lines.filter((line) => line.startsWith('#')).join('\n'),
  };
};
