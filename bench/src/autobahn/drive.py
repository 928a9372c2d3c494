# Runs Autobahn's fuzzing client (Python 2.7): DRIVE FOLDER SPECIFICATION, where FOLDER contains the suite.
#
# A specification with "stream" is for the relay, which carries bytes without message boundaries. Text
# frames are sent to it as binary ones, and its answers count as text again, joined into one message.
# Where the suite permits that a server returns nothing of a message before an error, the relay may return
# the beginning.

import json
import site
import sys

site.addsitedir(sys.argv[1])

# Chooses Twisted's reactor, so it must precede all other imports that need one.
from autobahntestsuite import choosereactor
from autobahntestsuite import fuzzing
from twisted.internet import reactor

Original = fuzzing.FuzzingClientProtocol


class Stream(Original):
    def sendFrame(self, opcode, **others):
        return Original.sendFrame(self, opcode=2 if opcode == 1 else opcode, **others)

    def onMessage(self, message, is_binary):
        received = self.runCase.received
        if received and received[-1][0] == "message":
            message = received.pop()[1] + message
        Original.onMessage(self, message, False)

    def connectionLost(self, reason):
        case = self.runCase
        whole = case.expected.get("OK", [])
        if case.expected.get("NON-STRICT") == [] and len(case.received) == len(whole) == 1:
            (kind, part), (expected_kind, message) = case.received[0][:2], whole[0][:2]
            if kind == expected_kind == "message" and part != message and message.startswith(part):
                case.received = []
        Original.connectionLost(self, reason)


with open(sys.argv[2]) as specification:
    specification = json.load(specification)
if specification.get("stream"):
    fuzzing.FuzzingClientProtocol = Stream
fuzzing.startClient(specification)
reactor.run()
