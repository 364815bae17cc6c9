"""Opens exported files with the libraries that others use: ONNX's checker and interpreter, and safetensors.

Without arguments it says whether they are there. With a folder it reads every .onnx file in it (checks it, infers its shapes and runs
it on the inputs of NAME.input.json) and every .safetensors file, and prints what it found as JSON.
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnx.reference
import safetensors.numpy


def numbers(array):
    return {"shape": list(array.shape), "values": [float(value) for value in array.ravel()]}


def of_onnx(path):
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(str(path))
    given = json.loads(path.with_suffix(".input.json").read_text())
    feed = numpy.array(given["values"], dtype=numpy.float32).reshape(given["shape"])
    session = onnx.reference.ReferenceEvaluator(model)
    results = session.run(None, {model.graph.input[0].name: feed})
    return {
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "outputs": {value.name: numbers(result) for value, result in zip(model.graph.output, results)},
    }


def of_safetensors(path):
    with safetensors.safe_open(str(path), framework="numpy") as file:
        return {
            "metadata": file.metadata(),
            "tensors": {name: numbers(file.get_tensor(name)) for name in file.keys()},
        }


if len(sys.argv) > 1:
    folder = pathlib.Path(sys.argv[1])
    print(
        json.dumps(
            {
                "onnx": {path.name: of_onnx(path) for path in sorted(folder.glob("*.onnx"))},
                "safetensors": {path.name: of_safetensors(path) for path in sorted(folder.glob("*.safetensors"))},
            }
        )
    )
