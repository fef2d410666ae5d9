import { describe, expect, it } from "vitest";

import { NOTHING } from "./format";
import { readable } from "./value";

describe("any value as one line", () => {
  it("writes an address the way each language does, whatever its parts are called", () => {
    const home = { street: "12 Rose St", city: "Springfield", state: "IL", zip: "62704", country: "US" };
    expect(readable(home, "en")).toBe("12 Rose St, Springfield, IL 62704, US");
    expect(readable({ line1: "1 Quay", line2: "Flat 2", postalCode: 1011, city: "Oslo" }, "en")).toBe(
      "1 Quay Flat 2, Oslo, 1011",
    );
    const office = { country: "中国", province: "上海市", city: "上海市", district: "浦东新区", street: "张江路88号" };
    expect(readable({ ...office, postal_code: "201203" }, "zh")).toBe("中国上海市浦东新区张江路88号 201203");
    expect(readable(home, "zh")).toBe("US IL Springfield 12 Rose St 62704");
  });

  it("keeps what is no part of the address, and says nothing of what is empty", () => {
    expect(readable({ street: "12 Rose St", note: "ring twice", city: null }, "en")).toBe(
      "12 Rose St; note: ring twice",
    );
    expect(readable({ street: null, city: "" }, "en")).toBe(NOTHING);
    expect(readable({}, "zh")).toBe(NOTHING);
  });

  it("puts other structures in words too", () => {
    expect(readable(["a", "b"], "zh")).toBe("a、b");
    expect(readable({ size: "M", fits: true, sizes: [1, 2.50001] }, "en")).toBe("size: M; fits: ✓; sizes: 1, 2.5");
    expect(readable({ size: "M", fits: false }, "zh")).toBe("size：M；fits：✗");
    expect(readable("x".repeat(900), "en").length).toBe(401);
  });
});
