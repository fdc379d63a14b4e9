import { runMutations } from './mutations.ts';

describe('mutilated migrations', () => {
  it('crash nothing and keep the findings of what still parses (a sample; npm run test:mutations has 10,000)', function () {
    this.timeout(60_000);
    runMutations(150, 20261122);
  });
});
