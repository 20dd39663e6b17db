import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCloudFormation, type CloudFormationAnswer } from '../../../lambda/adapters/cloudformation-answer';

const answer: CloudFormationAnswer = {
  Status: 'FAILED',
  Reason: 'because',
  PhysicalResourceId: 'ledger-schema',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Schema',
};

/** A bucket that answers with each status in turn, and keeps what it was sent. */
async function bucket<T>(
  statuses: number[],
  use: (url: string, got: { method?: string; headers: IncomingHttpHeaders; body: string }[]) => Promise<T>,
): Promise<T> {
  const got: { method?: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      got.push({ method: incoming.method, headers: incoming.headers, body });
      outgoing.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?signature=1`, got);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const sleep = jest.fn(() => Promise.resolve());
const put = answerCloudFormation({ fetch: globalThis.fetch, sleep });

describe("CloudFormation's answer", () => {
  test('is put as JSON without a content type, which the pre-signed URL would refuse', async () => {
    await bucket([200], async (url, got) => {
      await put(url, answer);
      expect(got).toHaveLength(1);
      expect(got[0]).toMatchObject({ method: 'PUT' });
      expect(got[0]!.headers['content-type'] ?? '').toBe('');
      expect(JSON.parse(got[0]!.body)).toEqual(answer);
    });
  });

  test('has a reason that fits into what CloudFormation takes', async () => {
    await bucket([200], async (url, got) => {
      await put(url, { ...answer, Reason: 'x'.repeat(9000) });
      expect(got[0]!.body.length).toBeLessThan(4096);
    });
  });

  test('is put again when it was refused, and given up after three attempts', async () => {
    await bucket([503, 200], async (url, got) => {
      await put(url, answer);
      expect(got).toHaveLength(2);
    });
    await bucket([503, 503, 403, 200], async (url, got) => {
      await expect(put(url, answer)).rejects.toThrow(/403/);
      expect(got).toHaveLength(3);
    });
  });
});
