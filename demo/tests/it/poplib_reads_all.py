# Reads the whole maildrop with Python's poplib and prints number, unique-id, size and MD5 of each
# message. Arguments: tls, stls or apop; the port; the file of the certification authority.
import hashlib
import poplib
import ssl
import sys

way, port, authority = sys.argv[1], int(sys.argv[2]), sys.argv[3]
tls = ssl.create_default_context(cafile=authority)
if way == "tls":
    box = poplib.POP3_SSL("127.0.0.1", port, context=tls, timeout=20)
else:
    box = poplib.POP3("127.0.0.1", port, timeout=20)
if way == "stls":
    box.stls(context=tls)
if way == "apop":
    box.apop("visitor", "till-called-for")
else:
    box.user("visitor")
    box.pass_("till-called-for")
messages, total = box.stat()
sizes = [int(line.split()[1]) for line in box.list()[1]]
assert (len(sizes), sum(sizes)) == (messages, total), (sizes, messages, total)
for line, size in zip(box.uidl()[1], sizes):
    number, unique_id = line.decode().split()
    octets = b"".join(line + b"\r\n" for line in box.retr(int(number))[1])
    assert len(octets) == size, (number, len(octets), size)
    print(number, unique_id, len(octets), hashlib.md5(octets).hexdigest())
box.quit()
