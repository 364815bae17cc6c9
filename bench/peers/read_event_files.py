"""Prints what TensorBoard's own loader reads from a folder of logs, as JSON; `read_event_files.py` without a folder prints its version."""

import base64
import json
import sys

import tensorboard
from google.protobuf import json_format
from tensorboard import context
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups
from tensorboard.util import tensor_util


def encoded(array):
    """Numbers as lists, strings as base64."""
    if array.dtype.kind in "SO":
        return [base64.b64encode(item).decode() for item in array.reshape(-1).tolist()]
    return array.tolist()


def load(folder):
    keep_all = {"tensors": 0, "compressedHistograms": 0}
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance=keep_all, tensor_size_guidance=dict.fromkeys(["scalars", "histograms", "images", "text"], 0)
    )
    multiplexer.AddRunsFromDirectory(folder)
    multiplexer.Reload()
    runs = {}
    for run in sorted(multiplexer.Runs()):
        accumulator = multiplexer.GetAccumulator(run)
        tags = {}
        for tag in accumulator.Tags()["tensors"]:
            metadata = accumulator.SummaryMetadata(tag)
            tags[tag] = {
                "plugin": metadata.plugin_data.plugin_name,
                "description": metadata.summary_description,
                "points": [[event.step, encoded(tensor_util.make_ndarray(event.tensor_proto))] for event in accumulator.Tensors(tag)],
            }
        graph = None
        if accumulator.Tags()["graph"]:
            graph = {
                node.name: {
                    "op": node.op,
                    "inputs": list(node.input),
                    "shape": [size.size for size in node.attr["_output_shapes"].list.shape[0].dim],
                }
                for node in accumulator.Graph().node
            }
        runs[run] = {"tags": tags, "graph": graph}
    return {"runs": runs, "hparams": hparams(multiplexer, folder)}


def hparams(multiplexer, folder):
    provider = data_provider.MultiplexerDataProvider(multiplexer, folder)
    backend = backend_context.Context(base_plugin.TBContext(data_provider=provider, logdir=folder))
    request_context = context.RequestContext()
    metadata = backend.hparams_metadata(request_context, "")
    experiment = backend.experiment_from_metadata(
        request_context, "", include_metrics=True, hparams_run_to_tag_to_content=metadata, data_provider_hparams=[], hparams_limit=0
    )
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=100000, allowed_statuses=[0, 1, 2, 3], aggregation_type=api_pb2.AGGREGATION_AVG
    )
    request.col_params.extend(api_pb2.ColParams(metric=metric.name) for metric in experiment.metric_infos)
    groups = list_session_groups.Handler(request_context, backend, "", request).run()
    return {
        "experiment": json_format.MessageToDict(experiment),
        "groups": [json_format.MessageToDict(group) for group in groups.session_groups],
    }


if len(sys.argv) == 1:
    print(tensorboard.__version__)
else:
    json.dump(load(sys.argv[1]), sys.stdout)
