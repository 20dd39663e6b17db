import { Aspects, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { type IConstruct, type Construct } from 'constructs';
import { type Config, type Region } from './config';
import type { AlarmDefinition } from './constructs/alarm-definition';
import { BoundedCustomResources } from './constructs/bounded-custom-resources';
import { names } from './names';

export interface PlatformStackProps {
  /** The environment's configuration, parsed. */
  readonly config: Config;
  /** Where the stack is deployed; the account is the one that deploys. */
  readonly region: Region;
}

/** What the seven stacks have in common: name, tags, protection, outputs, and the alarms that their constructs declare. */
export abstract class PlatformStack extends Stack {
  /** The platform's stack that `scope` belongs to. */
  static override of(scope: IConstruct): PlatformStack {
    const stack = Stack.of(scope);
    if (stack instanceof PlatformStack) return stack;
    throw new Error(`${scope.node.path} belongs to no stack of the platform`);
  }

  /** The environment's configuration. */
  readonly config: Config;
  private readonly declared: AlarmDefinition[] = [];

  protected constructor(scope: Construct, part: string, description: string, props: PlatformStackProps) {
    const { config, region } = props;
    const tags = { ...config.tags, 'signal9:env': config.env, 'signal9:stack': part };
    super(scope, names.stack(config.env, region, part), {
      env: { region },
      description: `Signal9 ${config.env}: ${description}`,
      terminationProtection: config.retain,
      // The stack's own tags reach, by CloudFormation, what a template cannot tag; those below are seen in the template.
      tags,
    });
    this.config = config;
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value);
    Aspects.of(this).add(new BoundedCustomResources());
  }

  /** Declared by the constructs of this stack; Monitoring makes them. */
  get alarms(): readonly AlarmDefinition[] {
    return this.declared;
  }

  declareAlarm(definition: AlarmDefinition): void {
    this.declared.push(definition);
  }

  /** States an output, for people, scripts and tests; among each other the stacks pass references by props. */
  protected state(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
