#!/usr/bin/env python3
"""Makes what the speed of reading is measured on: a log of a node, and the pods of a cluster.

    make.py log MIB [SHARE]          a log; SHARE of its lines are errors of the provider (default 0)
    make.py pods COUNT [SHARE]       a list of pods; SHARE of them wait, for one of five causes (default 0)

Everything is made of a counter: the same words give the same bytes.
"""

import json
import sys

VAULT = "kv-shop-%d"
FORBIDDEN = (
    'GET https://%s.vault.azure.net/secrets/db-password/: RESPONSE 403: 403 Forbidden ERROR CODE: Forbidden '
    '{"error":{"code":"Forbidden","message":"Caller is not authorized to perform action on resource. '
    'Caller: appid=5e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11;oid=a7c3e5d1-0000-4c9e-8d26-71b8f3a9c512 '
    'Vault: %s;location=westeurope","innererror":{"code":"ForbiddenByRbac"}}}'
)


def mixed(n):
    """A number that jumps about."""
    n = (n ^ 61 ^ (n >> 16)) * 9 & 0xFFFFFFFF
    n = (n ^ (n >> 4)) * 0x27D4EB2D & 0xFFFFFFFF
    return n ^ (n >> 15)


def clock(n):
    seconds = n // 40
    return seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, n * 25000 % 1000000


def klog(n, level, message):
    return "%s1123 %02d:%02d:%02d.%06d       1 server.go:%d] %s\n" % ((level,) + clock(n) + (60 + n % 7, message))


def line(n):
    """A line of a node that is well."""
    r = mixed(n)
    h, m, s, u = clock(n)
    at = "2026-11-23T%02d:%02d:%02d.%06d" % (h, m, s, u)
    pod = "shop/web-%d" % (r % 5000)
    quiet = [
        '"fetching object" objectName="item-%d" pod="%s" attempt=%d' % (r % 97, pod, r % 3),
        '"mount response" method="/v1alpha1.CSIDriverProvider/Version" duration="0.%06ds" code=0 pod="%s"' % (u, pod),
        '"SyncLoop (PLEG)" pod="%s" event={"ID":"%08x","Type":"PodSync","Data":"%08x"}' % (pod, r, r * 3 & 0xFFFFFFFF),
        '"Probe succeeded" probeType="Readiness" pod="%s" containerName="web" latency="%dms"' % (pod, r % 40),
        '"reconciler.go: operation finished" volume="data-%d" node="aks-np1-%d"' % (r % 31, r % 9),
    ]
    kind = r % 10
    if kind < 4:
        return klog(n, "IIIIIIIW"[r % 8], quiet[r % 5])
    if kind < 7:
        return "%s123Z stderr F " % at + klog(n, "I", quiet[(r >> 3) % 5])
    if kind < 9:
        words = (at[:-7], r, r % 900, r % 10)
        return 'time="%sZ" level=info msg="StopContainer for \\"%08x\\" returns successfully" duration=%d.%dms\n' % words
    return '{"level":"info","ts":"%sZ","caller":"controller/reconcile.go:%d","msg":"reconciled","object":"%s","took":%d.%d}\n' % (at, r % 400, pod, r % 9, r % 10)


def log(mib, share):
    write = sys.stdout.write
    left = mib * 1024 * 1024
    every = int(1 / share) if share else 0
    n = 0
    while left > 0:
        if every and n % every == every - 1:
            vault = VAULT % (n % 7)
            text = klog(n, "E", '"failed to process mount request" err="' + (FORBIDDEN % (vault, vault)).replace('"', '\\"') + '" pod="shop/web-%d"' % (n % 5000))
        else:
            text = line(n)
        write(text)
        left -= len(text)
        n += 1


WAITS = [
    "MountVolume.SetUp failed for volume \"kv\" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/%s, err: rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:db-password, objectVersion:: " + FORBIDDEN % ("kv-shop-1", "kv-shop-1"),
    "Failed to pull image \"registry.example/app:9\": rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example/app:9\": not found",
    "Failed to pull image \"registry.example/app:9\": failed to do request: Head \"https://registry.example/v2/app/manifests/9\": dial tcp: lookup registry.example: no such host",
    "Failed to pull image \"registry.example/app:9\": failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
    "Failed to pull image \"registry.example/app:9\": toomanyrequests: You have reached your pull rate limit",
]


def pod(n, waits):
    name = "web-%05d" % n
    image = "registry.example/app:%d" % (n % 9)
    state = {"running": {"startedAt": "2026-11-22T08:00:00Z"}}
    if waits is not None:
        state = {"waiting": {"reason": "ErrImagePull" if waits else "ContainerCreating", "message": WAITS[waits] % name if "%s" in WAITS[waits] else WAITS[waits]}}
    well = waits is None
    condition = lambda kind: {"type": kind, "status": "True" if well or kind == "PodScheduled" else "False", "lastTransitionTime": "2026-11-22T08:00:00Z"}
    volumes = [{"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]
    if waits == 0:
        volumes.append({"name": "kv", "csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": True, "volumeAttributes": {"secretProviderClass": "orders-kv"}}})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop-%d" % (n % 40), "uid": "%08x-0000-4000-8000-%012x" % (mixed(n), n), "resourceVersion": str(1000 + n), "creationTimestamp": "2026-11-22T07:59:00Z", "labels": {"app": "web", "pod-template-hash": "%08x" % mixed(n % 70)}},
        "spec": {"nodeName": "aks-np1-%d" % (n % 300), "serviceAccountName": "web", "restartPolicy": "Always", "containers": [{"name": "web", "image": image, "env": [{"name": "MODE", "value": "fast"}], "resources": {"limits": {"cpu": "1", "memory": "256Mi"}}, "volumeMounts": [{"name": "token", "mountPath": "/var/run/token"}]}], "volumes": volumes},
        "status": {"phase": "Running" if well else "Pending", "podIP": "10.%d.%d.%d" % (n >> 16 & 255, n >> 8 & 255, n & 255), "conditions": [condition(it) for it in ("PodScheduled", "Initialized", "ContainersReady", "Ready")], "containerStatuses": [{"name": "web", "image": image, "ready": well, "restartCount": 0, "state": state}]},
    }


def pods(count, share):
    every = int(1 / share) if share else 0
    write = sys.stdout.write
    write('{"apiVersion":"v1","items":[')
    for n in range(count):
        waits = n // every % 5 if every and n % every == every - 1 else None
        write(("," if n else "") + json.dumps(pod(n, waits), separators=(",", ":")))
    write('],"kind":"List","metadata":{"resourceVersion":""}}\n')


what, size = sys.argv[1], int(sys.argv[2])
share = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
{"log": log, "pods": pods}[what](size, share)
