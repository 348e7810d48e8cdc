"""Answers requests on standard input, a line of JSON each, as bench/harness/serve.ts does."""

import json
import sys


def serve(lane):
    """Until the input ends. An operation is a method of `lane`; its argument's fields are the method's."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": getattr(lane, request["operation"])(**request["argument"])}
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
