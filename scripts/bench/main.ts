import { fetchedSet, oneFile } from './commandLine.ts';
import { engine } from './engine.ts';
import { size } from './size.ts';
import { printFigures } from './measure.ts';

const quick = process.argv.includes('--quick');
printFigures([...oneFile(quick ? 5 : 21), ...fetchedSet(quick ? 1 : 5), ...(await engine()), ...size()]);
