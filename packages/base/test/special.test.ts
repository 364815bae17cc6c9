import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erf, erfc, erfcx, logAddExp, logGamma, logSumExp } from "@argmin/base";
import { expectClose, goldenCases, goldenNumbers, numberOf, numbersOf } from "./golden.ts";

describe("the error function", () => {
  it("agrees with mpmath, complement and tails included", () => {
    for (const [x, value, complement] of goldenNumbers("special.json", "erf")) {
      expectClose(erf(x!), value!, 1e-14, `erf(${x})`);
      expectClose(erfc(x!), complement!, 1e-14, `erfc(${x})`);
    }
  });

  it("agrees with mpmath when scaled", () => {
    for (const [x, value] of goldenNumbers("special.json", "erfcx")) expectClose(erfcx(x!), value!, 1e-14, `erfcx(${x})`);
    expect(erfcx(Infinity)).toBe(0);
    expect(erfcx(-Infinity)).toBe(Infinity);
    expect(erfcx(NaN)).toBeNaN();
  });

  it("keeps the sign of zero", () => {
    expect(erf(-0)).toBe(-0);
    expect(erf(0)).toBe(0);
  });

  it("is odd and never decreases", () => {
    fc.assert(
      fc.property(fc.double({ min: -7, max: 7, noNaN: true }), fc.double({ min: 1e-10, max: 1, noNaN: true }), (x, step) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(erf(x + step)).toBeGreaterThanOrEqual(erf(x));
      }),
    );
  });
});

describe("logGamma", () => {
  it("agrees with mpmath, around its zeros at 1 and 2 too", () => {
    for (const [x, value] of goldenNumbers("special.json", "logGamma")) {
      expectClose(logGamma(x!), value!, 2e-14, `logGamma(${x})`);
    }
  });

  it("follows the recurrence Gamma(x + 1) = x Gamma(x)", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (x) => {
        expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(1e-12 * (1 + Math.abs(logGamma(x))));
      }),
    );
  });
});

describe("sums of exponentials", () => {
  it("agree with SciPy, infinities and nothing at all included", () => {
    for (const [values, sum] of goldenCases("special.json", "logSumExp")) {
      expectClose(logSumExp(numbersOf(values)), numberOf(sum), 1e-14, `logSumExp(${JSON.stringify(values)})`);
    }
  });

  it("of two and of many are the same", () => {
    const value = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(Math.abs(logAddExp(a, b) - logSumExp([a, b]))).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(a), Math.abs(b)));
      }),
    );
    expect(logAddExp(-Infinity, -Infinity)).toBe(-Infinity);
    expect(logAddExp(-Infinity, 2)).toBe(2);
    expect(logAddExp(NaN, 2)).toBeNaN();
  });
});
