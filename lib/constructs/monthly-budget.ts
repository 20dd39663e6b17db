import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { names } from '../names';

export interface MonthlyBudgetProps {
  readonly config: Config;
  readonly topic: ITopic;
}

/**
 * What the environment may cost a month, in all regions together: a budget is global to the account, so it is made once.
 * It counts the whole account unless the configuration says `tag`: a tag counts only after the payer account has activated
 * it for cost allocation, which CloudFormation cannot do, and until then such a budget stays at 0 and never warns (ADR 35).
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, props: MonthlyBudgetProps) {
    super(scope, id);
    const { config, topic } = props;
    const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: names.budget(config.env),
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: config.budget.monthlyUsd, unit: 'USD' },
        costFilters: config.budget.scope === 'tag' ? { TagKeyValue: [`user:signal9:env$${config.env}`] } : undefined,
      },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
    });
  }
}
