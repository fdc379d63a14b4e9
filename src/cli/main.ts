import { COMMANDS } from './commands.ts';
import { runProgram } from './program.ts';

void runProgram(COMMANDS);
