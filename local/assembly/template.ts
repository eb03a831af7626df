import { CannotRun } from '../cannot-run.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** What `Ref` and `Fn::GetAtt` may ask of one resource. */
export interface ResourceIdentity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface TemplateScope {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly parameters: JsonObject;
  readonly conditions: JsonObject;
  readonly mappings: JsonObject;
  /** Values that earlier stacks exported, by export name. */
  readonly exports: ReadonlyMap<string, string>;
  /** Outputs of earlier stacks, by stack name and output. */
  readonly stackOutputs: ReadonlyMap<string, Readonly<Record<string, string>>>;
  identify(logicalId: string): ResourceIdentity | undefined;
}

/**
 * Resolves CloudFormation intrinsics. An unknown intrinsic stops the run, because an unresolved value
 * would run as something that the template does not say.
 * @see "Intrinsic function reference", AWS CloudFormation User Guide
 */
export class TemplateResolver {
  readonly #scope: TemplateScope;

  constructor(scope: TemplateScope) {
    this.#scope = scope;
  }

  /** @returns undefined for `AWS::NoValue`, which takes its property away. */
  resolve(value: Json): Json | undefined {
    if (Array.isArray(value)) return value.map((one) => this.resolve(one)).filter((one) => one !== undefined);
    if (!isObject(value)) return value;
    const intrinsic = intrinsicOf(value);
    if (intrinsic) return this.#call(intrinsic.name, intrinsic.argument);
    const resolved: JsonObject = {};
    for (const [name, inner] of Object.entries(value)) {
      const one = this.resolve(inner);
      if (one !== undefined) resolved[name] = one;
    }
    return resolved;
  }

  holds(conditionName: string): boolean {
    const condition = this.#scope.conditions[conditionName];
    if (condition === undefined) this.#refuse(`the condition ${conditionName} does not exist`);
    return this.#isTrue(condition);
  }

  #call(name: string, argument: Json): Json | undefined {
    switch (name) {
      case 'Ref':
        return this.#ref(this.#text(argument, name));
      case 'Fn::GetAtt':
        return this.#getAtt(argument);
      case 'Fn::Sub':
        return this.#sub(argument);
      case 'Fn::Join': {
        const [separator, parts] = this.#list(argument, name);
        return this.#list(this.resolve(parts ?? []) ?? [], name)
          .map((part) => this.#text(part, name))
          .join(this.#text(separator ?? '', name));
      }
      case 'Fn::Select': {
        const [index, values] = this.#list(argument, name);
        const chosen = this.#list(this.resolve(values ?? []) ?? [], name)[
          Number(this.resolve(index ?? null))
        ];
        return chosen ?? this.#refuse('Fn::Select names an element that the list has not');
      }
      case 'Fn::Split': {
        const [separator, text] = this.#list(argument, name);
        return this.#text(this.resolve(text ?? ''), name).split(this.#text(separator ?? '', name));
      }
      case 'Fn::ImportValue': {
        const exportName = this.#text(this.resolve(argument), name);
        return (
          this.#scope.exports.get(exportName) ?? this.#refuse(`no stack before it exports ${exportName}`)
        );
      }
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName, ...elsewhere } = isObject(argument) ? argument : {};
        const [stack, output] = [StackName, OutputName].map((part) =>
          this.#text(this.resolve(part ?? null), name),
        );
        const value = this.#scope.stackOutputs.get(stack ?? '')?.[output ?? ''];
        const [other] = Object.keys(elsewhere);
        if (other !== undefined) this.#refuse(`${name} with ${other} reads another Region or account`);
        return value ?? this.#refuse(`no stack before it has the output ${stack}.${output}`);
      }
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = this.#list(argument, name);
        return this.resolve((this.holds(this.#text(condition ?? '', name)) ? whenTrue : whenFalse) ?? '');
      }
      case 'Fn::FindInMap': {
        const [map, first, second] = this.#list(argument, name).map((key) =>
          this.#text(this.resolve(key), name),
        );
        const row = at(at(this.#scope.mappings, map), first);
        return at(row, second) ?? this.#refuse(`Fn::FindInMap finds nothing at ${map}.${first}.${second}`);
      }
      default:
        return this.#refuse(`the intrinsic ${name} is not one the runner resolves`);
    }
  }

  #ref(name: string): Json | undefined {
    const { stackName, account, region, parameters } = this.#scope;
    const pseudo: Record<string, string> = {
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/local`,
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    if (name === 'AWS::NoValue') return undefined;
    if (pseudo[name] !== undefined) return pseudo[name];
    if (parameters[name] !== undefined) return this.#parameter(name, parameters[name]);
    return this.#scope.identify(name)?.ref ?? this.#refuse(`Ref names ${name}, which has no value here`);
  }

  #parameter(name: string, parameter: Json): Json {
    const declared = isObject(parameter) ? parameter : {};
    if (String(declared.Type).startsWith('AWS::SSM::')) {
      this.#refuse(`the parameter ${name} is read from Systems Manager, which does not run here`);
    }
    return declared.Default ?? this.#refuse(`the parameter ${name} has no default`);
  }

  #getAtt(argument: Json): string {
    const path = typeof argument === 'string' ? argument : this.#list(argument, 'Fn::GetAtt').join('.');
    const [logicalId = '', ...rest] = path.split('.');
    const value = this.#scope.identify(logicalId)?.attributes[rest.join('.')];
    return value ?? this.#refuse(`Fn::GetAtt ${path} is not an attribute the runner knows`);
  }

  #sub(argument: Json): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = isObject(own) ? own : {};
    return this.#text(text, 'Fn::Sub').replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      const variable = variables[name];
      if (variable !== undefined) return this.#text(this.resolve(variable), 'Fn::Sub');
      return name.includes('.') ? this.#getAtt(name) : this.#text(this.#ref(name), 'Fn::Sub');
    });
  }

  #isTrue(condition: Json): boolean {
    const intrinsic = isObject(condition) ? intrinsicOf(condition) : undefined;
    if (!intrinsic) return this.#refuse(`a condition is no condition function: ${JSON.stringify(condition)}`);
    const { name, argument } = intrinsic;
    if (name === 'Condition') return this.holds(this.#text(argument, name));
    const operands = this.#list(argument, name);
    if (name === 'Fn::And') return operands.every((one) => this.#isTrue(one));
    if (name === 'Fn::Or') return operands.some((one) => this.#isTrue(one));
    if (name === 'Fn::Not') return !operands.some((one) => this.#isTrue(one));
    if (name === 'Fn::Equals') {
      const [left, right] = operands.map((one) => JSON.stringify(this.resolve(one)));
      return left === right;
    }
    return this.#refuse(`the condition function ${name} is not one the runner resolves`);
  }

  #text(value: Json | undefined, name: string): string {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return String(value);
    return this.#refuse(`${name} expects a text, found ${JSON.stringify(value)}`);
  }

  #list(value: Json, name: string): Json[] {
    return Array.isArray(value)
      ? value
      : this.#refuse(`${name} expects a list, found ${JSON.stringify(value)}`);
  }

  #refuse(what: string): never {
    throw new CannotRun(`Stack ${this.#scope.stackName}: ${what}.`);
  }
}

function intrinsicOf(value: JsonObject): { name: string; argument: Json } | undefined {
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) return undefined;
  const isIntrinsic = name.startsWith('Fn::') || name === 'Ref' || name === 'Condition';
  const argument = value[name];
  // An IAM statement may hold only a `Condition`. A template condition is named by a text.
  if (!isIntrinsic || argument === undefined || (name === 'Condition' && typeof argument !== 'string'))
    return undefined;
  return { name, argument };
}

function at(parent: Json | undefined, name: string | undefined): Json | undefined {
  return isObject(parent) && name !== undefined ? parent[name] : undefined;
}
