import { scaled } from '../campaigns/campaign.ts';
import { tallied } from '../security/tally.ts';
import { passHistory } from './restore-history.ts';

const HISTORIES = scaled({ part: 3, whole: 60 });

const tally = tallied('A restore gives nothing and nobody more than they had just before');

tally.test(
  'whatever the history, and whatever moment a backup names, a restore gives nothing more rights than it had just before',
  async () => {
    for (let index = 0; index < HISTORIES; index += 1) await passHistory(index, tally);
  },
);
