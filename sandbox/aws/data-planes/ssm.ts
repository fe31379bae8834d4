import { z } from 'zod';
import { arn, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { publicParameter } from '../images.js';
import type { Parameter } from './parameters.js';
import { parseInput } from './input.js';

interface Context {
  readonly cloud: Cloud;
  readonly region: string;
}

const getSchema = z.looseObject({ Name: z.string(), WithDecryption: z.boolean().optional() });
const getManySchema = z.looseObject({ Names: z.array(z.string()).min(1).max(10), WithDecryption: z.boolean().optional() });
const byPathSchema = z.looseObject({
  Path: z.string().startsWith('/'),
  Recursive: z.boolean().optional(),
  WithDecryption: z.boolean().optional(),
  MaxResults: z.int().min(1).max(10).default(10),
  NextToken: z.string().optional(),
});
const putSchema = z.looseObject({
  Name: z.string(),
  Value: z.string(),
  Type: z.enum(['String', 'SecureString', 'StringList']).optional(),
  Overwrite: z.boolean().optional(),
  Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).optional(),
});
const deleteSchema = z.looseObject({ Name: z.string() });
const deleteManySchema = z.looseObject({ Names: z.array(z.string()).min(1).max(10) });

/** Systems Manager: the parameter store only. */
export function ssm(operation: string, input: unknown, context: Context): unknown {
  switch (operation) {
    case 'GetParameter': {
      const { Name, WithDecryption } = parseInput(getSchema, input);
      const parameter = find(context, Name);
      if (parameter === undefined) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
      return { Parameter: shown(parameter, WithDecryption === true) };
    }
    case 'GetParameters': {
      const { Names, WithDecryption } = parseInput(getManySchema, input);
      return {
        Parameters: Names.flatMap((name) => find(context, name) ?? []).map((parameter) => shown(parameter, WithDecryption === true)),
        InvalidParameters: Names.filter((name) => find(context, name) === undefined),
      };
    }
    case 'GetParametersByPath': {
      const { Path, Recursive, WithDecryption, MaxResults, NextToken } = parseInput(byPathSchema, input);
      const all = context.cloud.parameters.byPath(context.region, Path, Recursive === true);
      const start = Number(NextToken ?? 0);
      const next = start + MaxResults;
      return { Parameters: all.slice(start, next).map((parameter) => shown(parameter, WithDecryption === true)), ...(next < all.length ? { NextToken: String(next) } : {}) };
    }
    case 'PutParameter': {
      const { Name, Value, Type, Overwrite, Tier } = parseInput(putSchema, input);
      const existing = context.cloud.parameters.get(context.region, Name);
      const type = Type ?? existing?.type;
      if (type === undefined) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
      const advanced = Tier !== undefined && Tier !== 'Standard';
      const { version } = context.cloud.parameters.put(context.region, Name, Value, type, { overwrite: Overwrite === true, advanced });
      return { Version: version, Tier: advanced ? 'Advanced' : 'Standard' };
    }
    case 'DeleteParameter': {
      const { Name } = parseInput(deleteSchema, input);
      if (!context.cloud.parameters.delete(context.region, Name)) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
      return {};
    }
    case 'DeleteParameters': {
      const { Names } = parseInput(deleteManySchema, input);
      const deleted = Names.filter((name) => context.cloud.parameters.delete(context.region, name));
      return { DeletedParameters: deleted, InvalidParameters: Names.filter((name) => !deleted.includes(name)) };
    }
    default:
      throw new AwsError('UnknownOperationException', `the sandbox does not imitate ssm:${operation}`);
  }
}

function find({ cloud, region }: Context, name: string): Parameter | undefined {
  const value = publicParameter(region, name, cloud.ubuntu.newest());
  return value === undefined ? cloud.parameters.get(region, name) : { name, region, type: 'String', value, version: 1, modifiedAt: 0 };
}

/** Without decryption a SecureString shows as its ciphertext. */
function shown(parameter: Parameter, decrypted: boolean): Record<string, unknown> {
  const { name, region, type, value, version, modifiedAt } = parameter;
  const visible = type !== 'SecureString' || decrypted;
  return {
    Name: name,
    Type: type,
    Value: visible ? value : `AQICAH${Buffer.from(`sealed ${name} ${version}`).toString('base64')}`,
    Version: version,
    LastModifiedDate: modifiedAt / 1000,
    ARN: arn('ssm', region, `parameter${name.startsWith('/') ? '' : '/'}${name}`),
    DataType: 'text',
  };
}
