import { analyzeNow, type AnalyzeServices } from './analyze';
import type { JobLine, JobRequest } from './http/job-door';
import type { JobRunner } from './schedule/job-runner';
import { countsInWords, seconds } from './spoken';

/** What `npm run job` asked for, done now, told line by line. */
export async function* runJobs(
  request: JobRequest,
  services: AnalyzeServices & { readonly runner: JobRunner },
): AsyncGenerator<JobLine> {
  if ('analyze' in request) {
    yield* analyzeNow(request.analyze, services);
    return;
  }
  const { job } = request;
  yield { line: `${job}: running` };
  const { report, durationMs } = await services.runner.run(job);
  yield {
    line: `${job}: ${report.outcome} in ${seconds(durationMs)}: ${countsInWords(report.counts)}`,
    outcome: 'done',
  };
}
