import { KeywardApp } from '../lib/keyward-app.ts';

new KeywardApp().synth();
