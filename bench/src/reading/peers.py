"""Prints a reading for each message, as JSON: python3 peers.py FILE..."""

import hashlib
import json
import sys
from email import policy
from email.parser import BytesParser


def attempt(read, default):
    try:
        value = read()
        return default if value is None else value
    except Exception:
        return default


def shown(address):
    if not address.addr_spec:
        return address.display_name
    if not address.display_name:
        return f"<{address.addr_spec}>"
    return f"{address.display_name} <{address.addr_spec}>"


def addresses(field):
    shown_ones = []
    for group in field.groups:
        if group.display_name:
            shown_ones.append(group.display_name)
        shown_ones.extend(shown(one) for one in group.addresses)
    return shown_ones


def content(part):
    text = part.get_content()
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def file(part):
    if part.get_content_maintype() == "message":
        octets = b"".join(bytes(one) for one in part.iter_parts())
    else:
        octets = part.get_payload(decode=True) or b""
    name = attempt(part.get_filename, "")
    return {"name": name, "sha": hashlib.sha256(octets).hexdigest()}


def read(path):
    with open(path, "rb") as octets:
        mail = BytesParser(policy=policy.default).parse(octets)
    reading = {
        "subject": attempt(lambda: str(mail["subject"] or ""), ""),
        "from": attempt(lambda: addresses(mail["from"]), []),
        "to": attempt(lambda: addresses(mail["to"]), []),
        "date": attempt(lambda: int(mail["date"].datetime.timestamp()), None),
        "files": attempt(lambda: [file(one) for one in mail.iter_attachments()], []),
        "texts": [],
        "html": [],
    }
    for kind, key in (("plain", "texts"), ("html", "html")):
        body = attempt(lambda: mail.get_body((kind,)), None)
        if body is not None:
            text = attempt(lambda: content(body), "")
            reading[key].append(text.replace("\r\n", "\n"))
    return reading


# Bytes that could not be decoded are surrogates, which are not valid in JSON.
readings = json.dumps([attempt(lambda: read(path), {}) for path in sys.argv[1:]], ensure_ascii=False)
sys.stdout.buffer.write(readings.encode("utf-8", "replace"))
