import { describe, expect, it } from "vitest";

import { NOTHING, ago, calendarDay, compact, durationWords, likely, money, share, signed, span, time } from "./format";

describe("figures", () => {
  it("never shows a number that is absent as zero", () => {
    expect(money(null, "USD", "en")).toBe(NOTHING);
    expect(share(undefined, "zh")).toBe(NOTHING);
    expect(compact(Number.NaN, "en")).toBe(NOTHING);
  });

  it("writes money, shares and differences the way each language does", () => {
    expect(money(4596039.58, "USD", "en")).toBe("$4,596,039.58");
    expect(compact(4596039.58, "zh")).toBe("459.6万");
    expect(compact(155848, "en")).toBe("155,848");
    expect(share(0.1234, "en")).toBe("12.3%");
    expect(signed(0.42, "en")).toBe("+0.42");
  });
});

describe("times", () => {
  it("never rounds a likeness up to certainty", () => {
    expect(likely(0.9999999, "en")).toBe("99.999%");
    expect(likely(0.99961, "en")).toBe("99.961%");
    expect(likely(0.875, "zh")).toBe("87.5%");
  });

  it("shows a moment in the workspace's zone, not the browser's", () => {
    expect(time("2018-01-01T04:30:00Z", "en", "America/New_York")).toContain("31 Dec 2017");
  });

  it("keeps a calendar day the same day", () => {
    expect(calendarDay("2018-01-05", "en")).toBe("5 Jan");
    expect(calendarDay("2018-01-05", "zh")).toBe("1月5日");
  });

  it("counts back from the clock it is given", () => {
    const now = Date.parse("2018-01-10T00:00:00Z");
    expect(ago("2018-01-07T00:00:00Z", now, "en")).toBe("3 days ago");
    expect(ago("2018-01-07T00:00:00Z", now, "zh")).toBe("3天前");
    expect(ago(new Date(now + 2_000).toISOString(), now, "en")).toBe("now");
  });

  it("writes a span in its two largest units", () => {
    expect(span(93_784, "en")).toBe("1 d 2 h");
    expect(span(0.25, "zh")).toBe("250 毫秒");
    expect(durationWords("30d", "zh")).toBe("30 天");
    expect(durationWords("whenever", "en")).toBe("whenever");
  });
});
