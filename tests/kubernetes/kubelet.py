#!/usr/bin/env python3
"""kubelet.py CERT KEY FOLDER: a stand-in for the kubelet's log endpoint, on a free loopback port that it prints.

It answers /containerLogs/NAMESPACE/POD/CONTAINER with the log of that container in FOLDER (read anew each time), each line
behind its time where `timestamps=true` asks for it: that of its record, as klog wrote it.
"""
import pathlib, re, ssl, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

cert, key, folder = sys.argv[1:]
LOGS = {"provider-azure-installer": "provider.log", "secrets-store": "driver.log", "node-driver-registrar": "registrar.log"}


def timed(lines):
    at = b"2026-11-23T22:06:00.000000000Z "
    for line in lines:
        klog = re.match(rb"[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{6}) ", line)
        if klog:
            month, day, clock = klog.groups()
            at = b"%d-%s-%sT%s000Z " % (time.gmtime().tm_year, month, day, clock)
        yield at + line


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urlparse(self.path)
        container = url.path.rsplit("/", 1)[-1]
        file = pathlib.Path(folder) / LOGS.get(container, "none")
        body = file.read_bytes() if file.is_file() else b""
        if "timestamps" in parse_qs(url.query):
            body = b"".join(timed(body.splitlines(keepends=True)))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
