"""A stand-in for Azure's sign-in and resource manager, on loopback, for the real `az`.

arm.py CERT KEY STATE: prints its port, and then every path it is asked. STATE is a JSON file: resources by id, and, by a part of
a path, the fault that is answered instead. Shapes: the REST reference of each resource provider. Ids and names are made up.
"""
import base64, http.server, json, re, ssl, sys, threading, time, urllib.parse

CERT, KEY, STATE = sys.argv[1:4]
TENANT = "00000000-0000-4000-8000-00000000aaaa"


def token(audience):
    part = lambda it: base64.urlsafe_b64encode(json.dumps(it).encode()).rstrip(b"=").decode()
    claims = {"aud": audience, "iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "oid": TENANT, "appid": TENANT,
              "iat": int(time.time()), "exp": int(time.time()) + 86400}
    return ".".join([part({"alg": "none", "typ": "JWT"}), part(claims), "c2ln"])


def error(code, message):
    return {"error": {"code": code, "message": message}}


class Arm(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(data))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "/token" not in self.path:
            return self.answer(405, error("MethodNotAllowed", "reading only"))
        if self.state()["faults"].get("/token"):
            return self.answer(400, {"error": "invalid_grant", "error_description": "AADSTS700082: The refresh token has expired due to inactivity."})
        self.answer(200, {"token_type": "Bearer", "expires_in": 86399, "ext_expires_in": 86399, "access_token": token(BASE)})

    do_PUT = do_PATCH = do_DELETE = do_POST

    def state(self):
        with open(STATE) as file:
            return json.load(file)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        path, query = urllib.parse.unquote(path), urllib.parse.parse_qs(query)
        lower = path.lower()
        print("GET", path, flush=True)
        if lower.endswith("/.well-known/openid-configuration"):
            return self.answer(200, {"token_endpoint": f"{BASE}/{TENANT}/oauth2/v2.0/token", "issuer": f"{BASE}/{TENANT}/v2.0",
                                     "authorization_endpoint": f"{BASE}/{TENANT}/oauth2/v2.0/authorize",
                                     "device_authorization_endpoint": f"{BASE}/{TENANT}/oauth2/v2.0/devicecode"})
        if lower == "/metadata/endpoints":
            return self.answer(200, {"name": "here", "portal": BASE, "resourceManager": BASE, "suffixes": {"keyVaultDns": "vault.localhost"},
                                     "authentication": {"loginEndpoint": BASE, "audiences": [BASE], "tenant": TENANT, "identityProvider": "AAD"}})
        state = self.state()
        if lower in ("/tenants", "/subscriptions"):
            return self.answer(200, {"value": state[lower[1:]]})
        for part, fault in state["faults"].items():
            if part.lower() in lower:
                return self.fault(fault, path)
        if "api-version" not in query:
            return self.answer(400, error("MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."))
        found = {id.lower(): {"id": id, **it} for id, it in state["resources"].items()}
        if lower in found:
            return self.answer(200, found[lower])
        self.collection(lower, found, query.get("$filter", [""])[0])

    def collection(self, path, found, condition):
        subscription = re.match(r"(/subscriptions/[^/]+)(/resources|/providers/([^/]+/[^/]+))$", path)
        if subscription:
            type = subscription[3] or re.search(r"resourcetype eq '([^']+)'", condition.lower())[1]
            name = re.search(r"name eq '([^']+)'", condition.lower())
            items = [it for id, it in found.items() if it.get("type", "").lower() == type and id.startswith(subscription[1] + "/")
                     and (not name or it["name"].lower() == name[1])]
            if not subscription[3]:
                # The common list of resources leaves their properties out.
                items = [{key: it[key] for key in ("id", "name", "type", "location") if key in it} for it in items]
            return self.answer(200, {"value": items})
        parent = path.rsplit("/providers/microsoft.authorization/roleassignments", 1)[0] if path.endswith("roleassignments") else path.rsplit("/", 1)[0]
        if parent in found:
            return self.answer(200, {"value": [it for id, it in found.items() if id.startswith(path + "/")]})
        name = path.rsplit("/", 1)[1]
        self.answer(404, error("ResourceNotFound", f"The Resource '{path}' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix ({name})"))

    def fault(self, fault, path):
        if fault == "denied":
            self.answer(403, error("AuthorizationFailed", f"The client 'reader' with object id '{TENANT}' does not have authorization to perform action 'Microsoft.Sample/things/read' over scope '{path}' or the scope is invalid. If access was recently granted, please refresh your credentials."))
        elif fault == "throttled":
            self.answer(429, error("TooManyRequests", "The request is being throttled as the limit has been reached."), [("Retry-After", "1")])
        elif fault == "signed-out":
            self.answer(401, error("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."))
        elif fault == "no-group":
            self.answer(404, error("ResourceGroupNotFound", "Resource group 'rg' could not be found."))
        elif fault == "no-subscription":
            self.answer(404, error("SubscriptionNotFound", "The subscription '00000000-0000-4000-8000-00000000cccc' could not be found."))
        elif fault == "proxy":
            self.answer(404, b"<html>not found here</html>")
        elif fault == "broken":
            self.answer(500, error("InternalServerError", "The server made a mistake."))
        elif fault == "garbage":
            self.answer(200, b"<html>sign in to the proxy</html>")
        elif fault == "hang":
            time.sleep(60)
        elif fault == "huge":
            self.answer(200, {"id": path, "properties": {"filling": "x" * (40 * 1024 * 1024)}})
        elif fault == "empty":
            self.answer(200, {"value": []})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that was killed


server = Server(("127.0.0.1", 0), Arm)
BASE = f"https://localhost:{server.server_port}"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERT, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
