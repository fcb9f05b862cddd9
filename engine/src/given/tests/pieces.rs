//! Any two readable pieces, in any order, indentation and quotation, are read as both.

use super::told;

/// What people put side by side, and what each is.
const PIECES: &[(&str, &str)] = &[
    (
        "Name:             web-0\nNamespace:        shop\nNode:             n-1/10.0.0.4\nVolumes:\n  secrets:\n    Type:    CSI (a volume)\n    Driver:  secrets-store.csi.k8s.io\n",
        "object part kind=Pod name=web-0",
    ),
    (
        "Name:             web-1\nNamespace:        shop\nStatus:           Pending\nIP:               10.0.0.9\nEvents:\n  Type     Reason       Age  From     Message\n  ----     ------       ---  ----     -------\n  Warning  FailedMount  1s   kubelet  MountVolume.SetUp failed for volume \"a\" : boom\n",
        "events kind=Pod name=web-1",
    ),
    (
        "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata:\n  name: kv-web\nspec:\n  provider: azure\n",
        "object part kind=SecretProviderClass name=kv-web",
    ),
    (
        "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Node\",\n  \"metadata\": {\"name\": \"n-9\"}\n}\n",
        "object part kind=Node name=n-9",
    ),
    (
        "Warning  FailedMount  9s (x3 over 40s)  kubelet  MountVolume.SetUp failed for volume \"b\" : boom\n",
        "events",
    ),
    (
        "LAST SEEN   TYPE      REASON        OBJECT      MESSAGE\n4s          Warning   FailedMount   pod/web-4   it failed\n",
        "events kind=Pod name=web-4",
    ),
    ("E1123 18:32:22.978325    7088 main.go:7] \"failed\" err=<\n\tmore\n >\n", "log"),
    ("time=\"2026-11-23T18:32:22Z\" level=error msg=\"boom\"\n", "log"),
    ("{\"level\":\"error\",\"ts\":1795468363.02,\"msg\":\"boom\"}\n", "log"),
    (
        "NAME    READY   STATUS             RESTARTS   AGE\nnmi-1   0/1     CrashLoopBackOff   7          5m\n",
        "object part in=table kind=Pod name=nmi-1",
    ),
    (
        "kube-system   nmi-2   0/1   CrashLoopBackOff   7 (3m ago)   5m\n",
        "object part in=table kind=Pod name=nmi-2",
    ),
    (
        "$ kubectl -n shop get spc\nNAME     AGE\nkv-old   6m11s\n",
        "object part in=table kind=SecretProviderClass name=kv-old",
    ),
    (
        "Error from server (NotFound): csidrivers.storage.k8s.io \"x\" not found\n",
        "error absent name=x",
    ),
    ("What the driver says: it cannot mount the volume\n", "message"),
    (
        "[pod/p-0/provider] E1123 18:32:22.978325    7088 main.go:7] \"failed\"\n",
        "log container=provider",
    ),
    (
        "Name:         kv-books\nNamespace:    books\nAPI Version:  secrets-store.csi.x-k8s.io/v1\nKind:         SecretProviderClass\nSpec:\n  Provider:  azure\n",
        "object part kind=SecretProviderClass name=kv-books",
    ),
    (
        "Nov 23 21:00:01 aks-np2-vmss000003 kubelet[8987]: E1123 21:00:01.100000    8987 pod_workers.go:1] \"boom\"\n",
        "log unit=kubelet",
    ),
    (
        "{\"PodName\":\"p-7\",\"ContainerName\":\"c\",\"LogMessage\":\"E1123 18:32:22.978325    7 main.go:7] a\",\"TimeGenerated\":\"2026-11-23T18:32:22Z\"}\n",
        "log container=c name=p-7",
    ),
    (
        "ERROR: (AuthorizationFailed) The client 'a' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '/subscriptions/s'.\nCode: AuthorizationFailed\n",
        "error denied tool=az",
    ),
    (
        "NAMESPACE   NAME    REASON        MESSAGE\nshop        web-6   FailedMount   it failed\n",
        "events name=web-6 namespace=shop",
    ),
    (
        "| LAST SEEN | TYPE | REASON | OBJECT | MESSAGE |\n|---|---|---|---|---|\n| 4s | Warning | FailedMount | pod/web-8 | it failed |\n",
        "events name=web-8",
    ),
    ("2026-11-23T21:00:01Z\tWarning\tweb-9\tFailedMount\tit failed\n", "events name=web-9"),
];

#[test]
fn of_any_two_pieces_in_any_order_and_indentation_both_are_read() {
    let mut lost = Vec::new();
    for (at, (left, is_left)) in PIECES.iter().enumerate() {
        for (_, (right, is_right)) in PIECES.iter().enumerate().filter(|(other, _)| *other != at) {
            for (indents, between) in LAYOUTS {
                // What stands further to the right below prose or a description may be of it.
                let parts = |it: &&str| it.starts_with("Name:") || it.starts_with("What");
                let deeper =
                    indents.1.trim() == indents.0.trim() && indents.1.len() > indents.0.len();
                if parts(right) && (between.is_empty() || deeper)
                    || left.starts_with("What") && between.is_empty()
                {
                    continue;
                }
                let text =
                    format!("{}{between}{}", indented(left, indents.0), indented(right, indents.1));
                let found = told(&text);
                let is = |it: &String, want: &str| {
                    want.split(' ').all(|word| it.split(' ').any(|other| other == word))
                };
                for want in [is_left, is_right] {
                    if !found.iter().any(|it| is(it, want)) {
                        lost.push(format!("{want}: {found:#?}\n{text}"));
                    }
                }
            }
        }
    }
    assert!(lost.is_empty(), "{} are lost:\n{}", lost.len(), lost.join("\n"));
}

/// What stands before each line of the one and the other, and between them.
const LAYOUTS: &[((&str, &str), &str)] = &[
    (("", ""), ""),
    (("", ""), "\n"),
    (("  ", ""), ""),
    (("", "  "), ""),
    (("", "    "), "\n"),
    (("    ", "    "), "\n"),
    (("> ", "> "), ""),
    (("> ", "> "), ">\n"),
    (("> ", ""), "\n"),
    (("", "> "), "\n"),
    (("| ", "| "), "|\n"),
    ((">", ">"), ">\n"),
    (("> > ", "> "), ">\n"),
    (("> ", "> > "), ">\n"),
    (("  > ", "&gt; "), "\n"),
    ((">   ", "> "), ">\n"),
    (("> ", "| "), "\n"),
];

fn indented(text: &str, mark: &str) -> String {
    text.lines().map(|line| format!("{mark}{line}\n")).collect()
}
