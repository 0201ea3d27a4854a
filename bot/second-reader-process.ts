import { visibleLines } from '../chatops/command/second/visible-lines.ts';
import { serveTasks } from '../runtime/serve-tasks.ts';

serveTasks(visibleLines);
