# Runs Autobahn's fuzzing client (Python 2.7) from a specification, and prints a line for each case.
#
# The relay speaks binary only. For a server that is marked "binary", text frames of the cases are
# sent as binary ones, and what comes back is taken for text again.

import json
import os
import sys

from twisted.internet import reactor
from autobahntestsuite import fuzzing

with open(sys.argv[1]) as file:
    spec = json.load(file)
binary = any(server.get("binary") for server in spec["servers"])


class Protocol(fuzzing.FuzzingClientProtocol):
    def sendFrame(self, opcode, **others):
        if binary and opcode == 1:
            opcode = 2
        return fuzzing.FuzzingClientProtocol.sendFrame(self, opcode, **others)

    def onMessage(self, message, is_binary):
        fuzzing.FuzzingClientProtocol.onMessage(self, message, is_binary and not binary)


fuzzing.FuzzingClientProtocol = Protocol
factory = fuzzing.FuzzingClientFactory(spec)
reactor.run()

with open(os.path.join(spec["outdir"], "index.json")) as file:
    for agent, cases in json.load(file).items():
        for name, case in sorted(cases.items()):
            print("case\t%s\t%s\t%s\t%s" % (agent, name, case["behavior"], case["behaviorClose"]))
