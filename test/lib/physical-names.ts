/** What has to be unique within the resource that it belongs to, and nowhere else. */
const NAMES_WITHIN = [
  'AWS::ApiGateway::Stage StageName',
  'AWS::ApiGateway::Authorizer Name',
  'AWS::IAM::Policy PolicyName',
  'AWS::Cognito::UserPoolClient ClientName',
];
/** What names something else. */
const NAMES_ELSEWHERE = ['AWS::CloudWatch::Alarm MetricName'];

/** Every name that a template gives to what it makes or exports: `Type Property Name`. */
export function namesIn(text: string): string[] {
  const { Resources, Outputs = {} } = JSON.parse(text);
  const given = Object.values<{ Type: string; Properties?: object }>(Resources).flatMap(
    ({ Type, Properties = {} }) =>
      Object.entries(Properties)
        .filter(([key]) => /Name$/.test(key) || key === 'Domain')
        .filter(([key]) => ![...NAMES_WITHIN, ...NAMES_ELSEWHERE].includes(`${Type} ${key}`))
        .filter(([, value]) => !/"(Ref|Fn::GetAtt)":"(?!AWS::)/.test(JSON.stringify(value)))
        .filter(([, value]) => typeof value === 'string' || 'Fn::Join' in (value as object))
        .map(([key, value]) => `${Type} ${key} ${JSON.stringify(value)}`),
  );
  const exported = Object.values<{ Export?: { Name: unknown } }>(Outputs).flatMap(({ Export }) =>
    Export === undefined ? [] : [`Export ${JSON.stringify(Export.Name)}`],
  );
  return [...given, ...exported];
}
