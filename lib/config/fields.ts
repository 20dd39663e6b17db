import { z } from 'zod';

export const certificateArn = z
  .string()
  .regex(
    /^arn:aws(?:-us-gov)?:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/,
    'must be the ARN of an ACM certificate',
  );

export const positive = z.number().int().positive();
