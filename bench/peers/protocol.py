"""One JSON object a line: a request comes in on stdin, its answer goes out on stdout, nothing else is printed.

The bench starts a peer once and then asks it in turns with argmin, so the peer waits for its line while argmin is measured.
"""

import json
import sys


def serve(hello, answer):
    """Says hello (versions), then answers each request until stdin ends."""
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
