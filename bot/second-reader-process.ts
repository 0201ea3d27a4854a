import { checkVisibleLines } from '../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import { serveTasks } from '../runtime/serve-tasks.ts';

serveTasks(checkVisibleLines);
