"""Writes the golden vectors of packages/base: values by mpmath and SciPy, with 17 significant digits.

Run it with a Python that has mpmath, numpy and scipy, from anywhere:

    python bench/peers/make_golden_base.py
"""

import json
import math
import pathlib
import platform

import mpmath as mp
import numpy as np
import scipy
import scipy.linalg
import scipy.special
import scipy.stats

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages" / "base" / "test" / "golden"
mp.mp.dps = 60
INFINITY = math.inf


def plain(value):
    """JSON has no word for some doubles; those become texts that JavaScript's Number() understands."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == 0 and math.copysign(1, value) < 0:
            return "-0"
    return value


def write(name, cases):
    versions = {
        "python": platform.python_version(),
        "mpmath": mp.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
    head = json.dumps({"made_by": "bench/peers/make_golden_base.py", "versions": versions})[:-1]
    body = ",\n".join(f'  "{key}": [\n' + ",\n".join("    " + json.dumps(plain(c)) for c in rows) + "\n  ]" for key, rows in cases.items())
    (FOLDER / name).write_text(head + ', "cases": {\n' + body + "\n}}\n")


def double(value):
    """The nearest double, infinities included."""
    return float(value)


def check(name, ours, theirs, tolerance, absolute=0.0):
    """mpmath is the oracle; SciPy must agree where it claims to, so that a slip in a formula here shows."""
    if math.isfinite(ours) and math.isfinite(theirs):
        assert abs(ours - theirs) <= tolerance * max(abs(ours), 1e-300) + absolute, (name, ours, theirs)


def log_cdf(x):
    """log of the normal distribution function; the upper tail as log(1 - tail), which is exact at this precision."""
    x = mp.mpf(x)
    with mp.workdps(60 + int(min(float(x) ** 2, 4e4) / 4) if x > 0 else 60):
        return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)


def log_quantile(log_probability):
    """Bisection, then secant, on log_cdf."""
    target = mp.mpf(log_probability)
    if target > mp.mpf("-1e-30"):
        with mp.workdps(60 + int(-mp.log10(-target)) + 10):
            tail = -mp.expm1(target)
            return -log_quantile(mp.log(tail))
    guess = scipy.special.ndtri_exp(float(log_probability))
    with mp.workdps(60):
        return mp.findroot(lambda x: log_cdf(x) - target, (mp.mpf(guess), mp.mpf(guess) * (1 + mp.mpf("1e-9")) + mp.mpf("1e-12")), tol=1e-45)


def special():
    xs = [0.0, -0.0, 5e-324, 1e-300, 1e-10, 0.1, 0.3, 0.46, 0.46875, 0.47, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 3.999, 4.0, 4.001, 5.0, 5.9, 6.1, 10.0, 20.0, 26.0, 26.5]
    xs += [-x for x in xs if x > 0] + [INFINITY, -INFINITY, math.nan]
    erf = [[x, double(mp.erf(x)), double(mp.erfc(x))] for x in xs]
    for x, a, b in erf:
        check("erf", a, float(scipy.special.erf(x)), 1e-14)
        check("erfc", b, float(scipy.special.erfc(x)), 1e-12)
    scaled = [[x, double(mp.exp(mp.mpf(x) ** 2) * mp.erfc(x))] for x in [-26.0, -5.0, -1.0, -0.3, -0.0, 0.0, 0.2, 0.46875, 1.0, 3.9, 4.1, 50.0, 1e5]]
    scaled += [[1e10, double(1 / (mp.sqrt(mp.pi) * mp.mpf(1e10)))], [1e200, double(1 / (mp.sqrt(mp.pi) * mp.mpf(1e200)))]]
    gammas = [5e-324, 1e-300, 1e-10, 0.01, 0.3, 0.4999, 0.5, 0.7, 0.999, 1 - 1e-10, 1.0, 1 + 1e-10, 1.001, 1.3, 1.499, 1.5, 1.7, 2 - 1e-10, 2.0, 2 + 1e-10]
    gammas += [2.2, 2.4999, 2.5, 2.6, 3.0, 5.5, 9.99, 10.0, 10.01, 37.3, 171.6, 1e3, 1e8, 1e15, 1e100, 1e305, INFINITY]
    gammas += [-0.5, -1.5, -2.3, -10.7, -100.25]
    log_gamma = []
    for x in gammas:
        value = double(mp.re(mp.loggamma(x))) if math.isfinite(x) else INFINITY
        check("gammaln", value, float(scipy.special.gammaln(x)), 1e-11, absolute=1e-15)
        log_gamma.append([x, value])
    log_gamma += [[0.0, INFINITY], [-3.0, INFINITY], [-INFINITY, INFINITY], [math.nan, math.nan]]
    sums = [[], [0.0], [1.0, 2.0, 3.0], [-1000.0, -1001.0], [1e4, 1e4], [-INFINITY, -INFINITY], [-INFINITY, 3.0], [INFINITY, 1.0], [1.0, math.nan], [-745.0, 709.0]]
    log_sum = [[s, double(scipy.special.logsumexp(s)) if s else -INFINITY] for s in sums]
    write("special.json", {"erf": erf, "erfcx": scaled, "logGamma": log_gamma, "logSumExp": log_sum})


def normal():
    xs = [0.0, -0.0, 1e-300, 1e-10, 0.1, 0.5, 0.65, 0.66, 0.67, 1.0, 2.0, 3.0, 5.0, 5.7, 7.9, 8.3, 10.0, 20.0, 37.0, 38.4]
    xs += [-x for x in xs if x > 0]
    distribution = []
    for x in xs:
        cdf = double(mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2)
        log = double(log_cdf(x))
        check("ndtr", cdf, float(scipy.special.ndtr(x)), 1e-11)
        check("log_ndtr", log, float(scipy.special.log_ndtr(x)), 1e-11)
        distribution.append([x, double(mp.npdf(x)), double(-mp.mpf(x) ** 2 / 2 - mp.log(2 * mp.pi) / 2), cdf, log])
    for x in [-50.0, -1e3, -1e5]:
        log = double(log_cdf(x))
        check("log_ndtr", log, float(scipy.special.log_ndtr(x)), 1e-11)
        distribution.append([x, 0.0, double(-mp.mpf(x) ** 2 / 2 - mp.log(2 * mp.pi) / 2), 0.0, log])
    distribution += [[INFINITY, 0.0, -INFINITY, 1.0, 0.0], [-INFINITY, 0.0, -INFINITY, 0.0, -INFINITY], [math.nan] * 5]

    quantile = []
    for p in [5e-324, 1e-310, 1e-300, 1e-100, 1e-20, 1e-11, 1.3e-11, 1e-5, 0.01, 0.0749, 0.0751, 0.3, 0.4999999999, 0.5, 0.5000000001, 0.7, 0.9, 0.9249, 0.9251, 0.999, 1 - 1e-10, 1 - 2.0**-53]:
        value = double(mp.mpf(0) if p == 0.5 else log_quantile(mp.log(mp.mpf(p))))
        check("ndtri", value, float(scipy.special.ndtri(p)), 1e-11)
        quantile.append([p, value])
    quantile += [[0.0, -INFINITY], [1.0, INFINITY], [-0.1, math.nan], [1.1, math.nan], [math.nan, math.nan]]

    log_quantiles = []
    for p in [-5e-324, -1e-300, -1e-100, -1e-20, -1e-10, -0.01, -0.07, -0.08, -0.3, -0.69, -0.6931, -0.7, -1.0, -2.0, -2.6, -10.0, -24.9, -25.1, -100.0, -700.0, -728.9, -729.1, -800.0, -1e4, -1e6, -1e9]:
        value = double(log_quantile(p))
        if p < -1e-2 or p > -1e-16:
            check("ndtri_exp", value, float(scipy.special.ndtri_exp(p)), 1e-9)
        log_quantiles.append([p, value])
    log_quantiles += [[-0.0, INFINITY], [0.0, INFINITY], [-INFINITY, -INFINITY], [0.1, math.nan], [math.nan, math.nan]]

    def mass(a, b):
        with mp.workdps(900):
            cut = lambda t: mp.mpf(1) if t == INFINITY else mp.mpf(0) if t == -INFINITY else mp.erfc(-mp.mpf(t) / mp.sqrt(2)) / 2
            if a > 0:
                a, b = -b, -a
            return cut(b) - cut(a)

    intervals = [(-INFINITY, INFINITY), (-INFINITY, 0.0), (0.0, INFINITY), (-1.0, 1.0), (-1.0, 2.0), (-1e-9, 1e-9), (0.0, 1e-12), (0.5, 0.7), (0.5, 0.5000000001)]
    intervals += [(3.0, 4.0), (-5.0, -4.9999999), (-8.0, 8.0), (-9.0, 12.0), (5.0, INFINITY), (-INFINITY, -30.0), (20.0, 20.05), (20.0, 20.2), (-38.0, -37.0), (-40.0, 0.0)]
    intervals += [(40.0, 41.0), (-60.0, -50.0), (-60.0, -59.999999), (100.0, 101.0), (-1.5, -0.4), (-2.1, -1.0), (-1.0, -0.0), (-0.9, -0.001), (-INFINITY, 0.3), (10.0, 12.0), (-20.0, 1e-5)]
    log_mass = [[a, b, double(mp.log(mass(a, b)))] for a, b in intervals]

    truncated = []
    for a, b in intervals:
        for q in [0.0, 1e-20, 1e-5, 0.1, 0.5, 0.8, 1 - 1e-9, 1.0]:
            if q in (0.0, 1.0):
                truncated.append([q, a, b, a if q == 0 else b])
                continue
            with mp.workdps(900):
                flip = a > 0
                low = mp.mpf(0) if (b if flip else -a) == INFINITY else mp.erfc((mp.mpf(b) if flip else -mp.mpf(a)) / mp.sqrt(2)) / 2
                share = 1 - mp.mpf(q) if flip else mp.mpf(q)
                below = low + share * mass(a, b)
                above = 1 - below
                mirrored = above < below
                target = mp.log(above if mirrored else below)
                is_median = below == mp.mpf(1) / 2
            with mp.workdps(60):
                value = mp.mpf(0) if is_median else log_quantile(target)
            value = double(-value if mirrored != flip else value)
            check("truncnorm", value, float(scipy.stats.truncnorm.ppf(q, a, b)), 1e-6 if abs(value) > 1e-3 else INFINITY)
            truncated.append([q, a, b, value])
    write("normal.json", {"distribution": distribution, "quantile": quantile, "logQuantile": log_quantiles, "logMass": log_mass, "truncatedQuantile": truncated})


def beta():
    shapes = [(1.0, 1.0), (0.5, 0.5), (2.0, 5.0), (5.0, 2.0), (0.1, 0.2), (30.0, 1.0), (1.0, 0.05), (400.0, 300.0), (0.01, 3.0)]
    below, quantile = [], []
    for a, b in shapes:
        for x in [0.0, 1e-300, 1e-10, 0.01, 0.1, 0.3, 0.5, 0.57, 0.75, 0.9, 0.999, 1 - 1e-12, 1.0]:
            value = double(mp.betainc(a, b, 0, mp.mpf(x), regularized=True))
            check("betainc", value, float(scipy.special.betainc(a, b, x)), 1e-9, 1e-15)
            below.append([x, a, b, value])
        for p in [1e-6, 0.001, 0.05, 0.25, 0.5, 0.7, 0.95, 0.999]:
            x = float(scipy.special.betaincinv(a, b, p))
            # Near 1 neighbouring doubles are too far apart to hold the quantile; near 0 SciPy ends at the least normal one.
            if 1e-300 < x < 1 - 1e-9:
                quantile.append([p, a, b, x])
    write("beta.json", {"below": below, "quantile": quantile})


def matrix():
    rng = np.random.default_rng(7)
    positive = [np.array([[4.0]]), np.array([[2.0, -1.0], [-1.0, 2.0]]), scipy.linalg.hilbert(5)]
    for size in (3, 6, 10):
        factor = rng.integers(-9, 10, (size, size + 2)).astype(float)
        positive.append(factor @ factor.T + np.eye(size))
    solve = []
    for a in positive:
        b = rng.integers(-5, 6, a.shape[0]).astype(float)
        exact = mp.lu_solve(mp.matrix(a.tolist()), mp.matrix(b.tolist()))
        solve.append([a, b, np.linalg.cholesky(a), [double(x) for x in exact], double(mp.log(mp.det(mp.matrix(a.tolist()))))])

    symmetric = [*positive, np.zeros((3, 3)), np.diag([3.0, -1.0, 2.0]), np.ones((4, 4)), np.array([[0.0, 1e-200], [1e-200, 0.0]]), np.array([[1e200, 1e200], [1e200, -1e200]])]
    for size in (4, 9):
        half = rng.integers(-9, 10, (size, size)).astype(float)
        symmetric.append(half + half.T)
    tridiagonal = np.diag(np.full(12, 2.0)) - np.diag(np.ones(11), 1) - np.diag(np.ones(11), -1)
    symmetric.append(tridiagonal)
    eigen = []
    for a in symmetric:
        values = mp.eigsy(mp.matrix(a.tolist()), eigvals_only=True)
        eigen.append([a, sorted(double(v) for v in values)])

    least = []
    for rows, columns in ((1, 1), (3, 2), (5, 5), (20, 4)):
        a = rng.integers(-9, 10, (rows, columns)).astype(float) + 0.5
        b = rng.integers(-9, 10, rows).astype(float)
        m = mp.matrix(a.tolist())
        exact = mp.lu_solve(m.T * m, m.T * mp.matrix(b.tolist()))
        least.append([a, b, [double(x) for x in exact]])
    write("matrix.json", {"solve": solve, "eigen": eigen, "leastSquares": least})


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    special()
    normal()
    beta()
    matrix()
