import { writeDocs } from './written-docs.ts';

/** `node bench/write-docs.ts`: fills docs/bench.md and draws docs/bench.svg from bench/results.json. */
writeDocs();
