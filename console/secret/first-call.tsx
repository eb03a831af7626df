import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useApp } from '../app-context.tsx';
import { type SampleCaller, sampleCallOf } from '../keys/sample-call.ts';
import { LANGUAGE_NAMES, languagesOf, writeSample } from '../keys/sample-text.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import type { OneTimeSecret } from './one-time-secret.ts';
import { TestIt } from './test-it.tsx';

export interface FirstCallProps {
  readonly caller: SampleCaller;
  /** The page can try the call itself while it still has the secret. */
  readonly trial?: { readonly secret: OneTimeSecret; readonly readLastUse: () => Promise<string | null> };
}

/** A call of the product's API to paste into a terminal or a program. It reads the credential from the environment. */
export function FirstCall({ caller, trial }: FirstCallProps) {
  const { config } = useApp();
  const call = sampleCallOf(config, caller);
  if (call === undefined) return null;
  return (
    <section className="first-call" aria-labelledby="first-call">
      <h2 id="first-call">Make a first call</h2>
      {trial !== undefined && <TestIt call={call} {...trial} />}
      <p className="hint">
        Put the {caller.kind} into the environment variable <code>{call.variable}</code>, not into your source
        code.
      </p>
      <Tabs className="tabs">
        <TabList aria-label="Language" className="tab-list">
          {languagesOf(call).map((language) => (
            <Tab key={language} id={language} className="tab">
              {LANGUAGE_NAMES[language]}
            </Tab>
          ))}
        </TabList>
        {languagesOf(call).map((language) => (
          <TabPanel key={language} id={language} className="tab-panel">
            <div className="code-box">
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard. */}
              <pre tabIndex={0}>
                <code>{writeSample(call, language)}</code>
              </pre>
              <CopyButton label="Copy" read={() => writeSample(call, language)} />
            </div>
          </TabPanel>
        ))}
      </Tabs>
    </section>
  );
}
