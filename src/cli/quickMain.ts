import { runProgram } from './program.ts';
import { QUICK_COMMANDS } from './quickCommands.ts';

void runProgram(QUICK_COMMANDS);
