	expectedErr: "failed to get secretproviderclass default/missing, error: SecretProviderClass.secrets-store.csi.x-k8s.io \"missing\" not found",
