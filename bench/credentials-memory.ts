import type { BenchResult } from "./bench.ts";
import { endUsers, load, type RequestPlan, twoFields } from "./support/load.ts";
import { setStage } from "./support/stage.ts";

/** The API's resident memory while 200,000 PUTs go through it. */
export async function benchCredentialsMemory({ quick }: { quick: boolean }): Promise<BenchResult> {
  const total = quick ? 20_000 : 200_000;
  const stage = await setStage();
  try {
    const api = await stage.startApi();
    const put: RequestPlan = { method: "PUT", apiKey: stage.apiKey, body: twoFields, expectedStatus: 200 };
    const samples: { puts: number; rssMiB: number }[] = [{ puts: 0, rssMiB: api.rssMiB() }];
    let puts = 0;
    for (let stretch = 0; puts < total; stretch++) {
      // New end-users each time: the API's memory of keys is filled to its bound.
      const userOf = (n: number) => `memory-${stretch * endUsers + n}`;
      const { perSecond } = await load(api, stage, put, { connections: 16, seconds: 5, userOf });
      puts += Math.round(perSecond * 5);
      samples.push({ puts, rssMiB: api.rssMiB() });
      process.stderr.write(`${puts} PUTs, ${api.rssMiB().toFixed(0)} MiB\r`);
    }
    process.stderr.write("\n");
    const last = samples.at(-1)?.rssMiB ?? Number.NaN;
    const half = samples.filter((sample) => sample.puts >= total / 2);
    const growth = last - (half[0]?.rssMiB ?? Number.NaN);
    const max = Math.max(...samples.map((sample) => sample.rssMiB));
    return {
      title: `The API's resident memory over ${puts.toLocaleString("en")} PUTs`,
      table: samples.map(({ puts: count, rssMiB }) => ({ PUTs: count, "RSS MiB": Math.round(rssMiB) })),
      bars: [
        { bar: "RSS ≤ 200 MiB", measured: `${max.toFixed(0)} MiB at most`, met: max <= 200 },
        {
          bar: "flat: the second half adds less than 10 MiB",
          measured: `${growth.toFixed(1)} MiB`,
          met: growth < 10,
        },
      ],
      notes: [],
    };
  } finally {
    await stage.end();
  }
}
