"""What scikit-learn says of Gaussian processes and mpmath of expected improvements, as fixtures of packages/search/test/sampler/gp.

    python bench/peers/gp_fixtures.py packages/search/test/sampler/gp/golden

Needs scikit-learn and mpmath beside the packages of requirements.txt.

Processes: points in the unit cube with noisy targets, a Matérn kernel of smoothness 5/2 with a length scale a dimension; the log
marginal likelihood with its gradient (for the logarithms of the signal's variance, the length scales and the noise's variance), and
mean and variance, without noise, at other points.

Improvements: log(pdf(z) + z cdf(z)) of the standard normal and its derivative, computed with 60 digits.
"""

import json
import pathlib
import sys

import mpmath
import numpy as np
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

SHAPES = [
    {"points": 6, "variance": 1.0, "lengths": [0.3], "noise": 1e-4},
    {"points": 25, "variance": 0.7, "lengths": [0.2, 1.5], "noise": 1e-2},
    {"points": 40, "variance": 2.5, "lengths": [0.5, 0.9, 3.0, 8.0, 0.4], "noise": 1e-6},
]


def rounded(array):
    return np.round(array, 6)


def process(shape, rng):
    dimensions = len(shape["lengths"])
    points = rounded(rng.random((shape["points"], dimensions)))
    targets = rounded(np.sin(4 * points).sum(axis=1) + 0.1 * rng.standard_normal(shape["points"]))
    others = rounded(rng.random((8, dimensions)))
    signal = ConstantKernel(shape["variance"]) * Matern(length_scale=shape["lengths"], nu=2.5)
    noisy = signal + WhiteKernel(shape["noise"])
    likelihood = GaussianProcessRegressor(kernel=noisy, alpha=0, optimizer=None).fit(points, targets)
    value, gradient = likelihood.log_marginal_likelihood(noisy.theta, eval_gradient=True)
    posterior = GaussianProcessRegressor(kernel=signal, alpha=shape["noise"], optimizer=None).fit(points, targets)
    mean, covariance = posterior.predict(others, return_cov=True)
    return {
        **shape,
        "points": points.tolist(),
        "targets": targets.tolist(),
        "logLikelihood": float(value),
        "gradient": gradient.tolist(),
        "others": others.tolist(),
        "mean": mean.tolist(),
        "variances": np.diag(covariance).tolist(),
    }


def improvement(z):
    # The difference loses two digits for each that z has before its point.
    mpmath.mp.dps = 60
    exact = mpmath.mpf(z)
    density, below = mpmath.npdf(exact), mpmath.erfc(-exact / mpmath.sqrt(2)) / 2
    gain = density + exact * below
    return [z, float(mpmath.log(gain)), float(below / gain)]


def write(path, document):
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    rng = np.random.default_rng(7)
    write(folder / "scikit-learn.json", {"version": sklearn.__version__, "processes": [process(shape, rng) for shape in SHAPES]})
    places = [-1e8, -1e5, -3000.0, -300.0, -60.0, -25.5, -25.0, -24.5, -12.0, -5.0, -2.0, -1.0, -0.3, 0.0, 0.5, 1.0, 3.0, 8.5, 9.5, 40.0, 1e6]
    write(folder / "improvement.json", [improvement(z) for z in places])
