import { describeBcrypt, describeWaysIn } from './capacity/ways-in.ts';
import { fillPage } from './marked-page.ts';

/** `node bench/ways-in.ts`: computes the tables of docs/cost.md. It measures nothing. */
fillPage(
  'cost.md',
  new Map([
    ['ways in', describeWaysIn()],
    ['bcrypt', describeBcrypt()],
  ]),
);
console.log('Written to docs/cost.md.');
