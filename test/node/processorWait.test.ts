import { strict as assert } from 'node:assert';
import { ProcessorClock, waitForOthers } from '../../src/node/staging/processorWait.ts';

describe('waiting for a processor', () => {
  const before = { waited: 0, ran: 0, busy: 0, own: 0 };

  it('counts as far as other programs had it', () => {
    // The other program had as much as our own other processes.
    const after = { waited: 400, ran: 1000, busy: 3000, own: 2000 };
    assert.equal(waitForOthers(before, after), 200);
    assert.equal(waitForOthers(before, { ...after, own: 1000 }), 400);
  });
  it('is nothing on a machine that does nothing else, whatever a statement and its own workers wait for each other', () => {
    assert.equal(waitForOthers(before, { waited: 400, ran: 1000, busy: 2000, own: 1990 }), 0);
  });
  it('is not known where the kernel does not tell', async () => {
    assert.equal(waitForOthers(null, before), null);
    assert.equal(await ProcessorClock.of(-1), null);
  });
  it('is read of a process with all that its parent started', async function () {
    if (process.platform !== 'linux') this.skip();
    const clock = await ProcessorClock.of(process.pid);
    if (clock === null) this.skip();
    const first = await clock.read();
    for (const until = performance.now() + 30; performance.now() < until;);
    const second = await clock.read();
    assert.ok(first && second);
    assert.ok(
      second.ran > first.ran && second.waited >= first.waited && second.busy >= first.busy,
      JSON.stringify([first, second]),
    );
  });
});
