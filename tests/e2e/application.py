# SPDX-License-Identifier: Apache-2.0
"""The applications under test: processes that tell events and take orders, each a line of JSON.

An event is {"event": what, "ns": when, ...}, by CLOCK_MONOTONIC. A server tells started (url), refused (statusName, none:
it could not ask), cut (cause), session ended, lost, watching; a client started, client cut, client ended (name), renewed
(name). An order is {"id", "order", "name", ...}, answered by the event answer with id, and value or error. The end of its
input ends an application. What is no JSON goes to its log.
"""

import json
import os
import pathlib
import socket
import subprocess
import threading

import uatrust


def free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


class Application:
    """@command, with @environment beside ours."""

    def __init__(self, *command, log, **environment):
        self.events, self.has_ended = [], False
        self.changed = threading.Condition()
        self.n_orders = 0
        self.log = open(log, "w", buffering=1)
        self.process = uatrust.start(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=self.log, env={**os.environ, **environment})
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self):
        for line in self.process.stdout:
            self.log.write(line)
            if line.startswith("{"):
                with self.changed:
                    self.events.append(json.loads(line))
                    self.changed.notify_all()
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def wait(self, what, since=0, limit_s=uatrust.WAIT_S, **fields):
        """The first event of that kind, and with those fields, after the first `since` ones."""
        def find():
            return next((event for event in self.events[since:]
                         if event["event"] == what and fields.items() <= event.items()), None)
        with self.changed:
            self.changed.wait_for(lambda: find() or self.has_ended, limit_s)
            found = find()
        assert found, f"no {what} {fields} in {self.events[since:]}; its log:\n{pathlib.Path(self.log.name).read_text()}"
        return found

    def has(self, what, since=0):
        return any(event["event"] == what for event in self.events[since:])

    def order(self, order, **more):
        """Its value; OrderFailed with the application's error."""
        self.n_orders += 1
        self.process.stdin.write(json.dumps({"id": self.n_orders, "order": order, **more}) + "\n")
        self.process.stdin.flush()
        answer = self.wait("answer", limit_s=3 * uatrust.WAIT_S, id=self.n_orders)
        if "error" in answer:
            raise OrderFailed(answer["error"])
        return answer.get("value")

    def stop(self):
        self.process.stdin.close()
        code = self.process.wait(uatrust.WAIT_S)
        self.listener.join()
        self.process.stdout.close()
        self.log.close()
        assert not code, f"an application ended with {code}:\n{pathlib.Path(self.log.name).read_text()}"


class OrderFailed(Exception):
    pass
