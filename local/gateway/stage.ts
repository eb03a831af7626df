import type { ResolvedResource } from '../assembly/resolved-stack.ts';
import { checkPlaceholders } from './placeholders.ts';

export interface Stage {
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly accessLogFormat: string | undefined;
}

export function readStage({ id, identity, properties }: ResolvedResource): Stage {
  const accessLogFormat = properties.object('AccessLogSetting').optionalText('Format');
  if (accessLogFormat) checkPlaceholders(`${id} AccessLogSetting.Format`, accessLogFormat);
  return {
    name: identity.ref,
    deploymentId: properties.text('DeploymentId'),
    variables: properties.texts('Variables'),
    accessLogFormat,
  };
}
