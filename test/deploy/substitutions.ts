/** A template, as far as a substitution looks into it. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: object;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** One thing that the emulator cannot take, and what it gets in its place. */
export interface Substitution {
  readonly name: string;
  /** What the emulator says or does about it. */
  readonly reason: string;
  /** What no run in the emulator proves because of it. */
  readonly unproven: string;
  /** @returns the template itself, where it has nothing of the kind. */
  apply(template: Template): Template;
}

/**
 * Everything by which a template in the emulator differs from the one that is deployed to AWS. Templates are otherwise deployed as
 * synthesized, with the functions' code.
 * @see docs/deploy-proof.md for what the emulator takes and does differently by itself
 */
export const SUBSTITUTIONS: readonly Substitution[] = [
  {
    name: 'the style of the sign-in page is left out',
    reason: 'MiniStack 1.5.33: "Unrecognized resource types: [AWS::Cognito::ManagedLoginBranding]".',
    unproven: 'That Cognito takes the style, and shows its sign-in page.',
    apply: (template) =>
      withoutResources(template, ({ Type }) => Type === 'AWS::Cognito::ManagedLoginBranding'),
  },
  {
    name: 'alarms on an expression are left out',
    reason:
      'MiniStack 1.5.33: "Properties.Metrics (metric math) is not supported; use MetricName and Namespace".',
    unproven: 'That CloudWatch takes the expressions of these alarms. Alarms on one metric are deployed.',
    apply: (template) =>
      withoutResources(
        template,
        ({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined,
      ),
  },
  {
    name: "the issuer's address is put together from the pool's id",
    reason:
      'MiniStack 1.5.33: "Requested attribute ProviderURL does not exist in schema for AWS::Cognito::UserPool".',
    unproven: 'That the attribute is the address of the issuer. AWS documents it.',
    apply: (template) => replaceInTemplate(template, providerUrlFromId),
  },
  {
    name: "the console's files are not copied into their bucket",
    reason:
      'CDK copies them by a Python function that calls /opt/awscli/aws, from a layer. MiniStack 1.5.33 unpacks layers elsewhere, and CDK would wait an hour for the answer.',
    unproven: 'That the files arrive in the bucket, and that CloudFront serves them.',
    apply: (template) => withoutResources(template, ({ Type }) => Type === 'Custom::CDKBucketDeployment'),
  },
];

function withoutResources(template: Template, isLeftOut: (resource: TemplateResource) => boolean): Template {
  const resources = Object.entries(template.Resources);
  const kept = resources.filter(([, resource]) => !isLeftOut(resource));
  if (kept.length === resources.length) return template;
  return { ...template, Resources: Object.fromEntries(kept) };
}

/** An intrinsic function in a template, such as `{ "Fn::GetAtt": [...] }`, or anything else there. */
type Value = Readonly<Record<string, unknown>>;

function providerUrlFromId(value: Value): Value | undefined {
  const attribute = value['Fn::GetAtt'];
  if (!Array.isArray(attribute) || attribute[1] !== 'ProviderURL') return undefined;
  return { 'Fn::Sub': `https://cognito-idp.\${AWS::Region}.amazonaws.com/\${${attribute[0]}}` };
}

/** @param replace the new value, or undefined where it stays. */
function replaceInTemplate(template: Template, replace: (value: Value) => Value | undefined): Template {
  let count = 0;
  const text = JSON.stringify(template, (_, value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const replaced = isObject ? replace(value) : undefined;
    if (replaced !== undefined) count += 1;
    return replaced ?? value;
  });
  return count === 0 ? template : JSON.parse(text);
}
